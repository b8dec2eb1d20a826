// SPDX-License-Identifier: ISC
/* The switch for x86-64 System V. The control words of the floating point units are not saved:
 * no code here changes them. */
    .text

    /* void *context_machine_start(void *stack, size_t stack_size, void (*entry)(struct context *)) */
    .globl  context_machine_start
    .type   context_machine_start, @function
context_machine_start:
    .cfi_startproc
    addq    %rsi, %rdi
    andq    $-16, %rdi
    movq    $0, -8(%rdi)            /* entry's return address: the end of every back trace */
    movq    %rdx, -16(%rdi)         /* where the first switch returns to */
    movq    $0, -24(%rdi)           /* rbp */
    leaq    -64(%rdi), %rax         /* below it the five other registers, whatever they hold */
    ret
    .cfi_endproc
    .size   context_machine_start, . - context_machine_start

    /* void context_machine_switch(void **from, void *to, struct context *) */
    .globl  context_machine_switch
    .type   context_machine_switch, @function
context_machine_switch:
    .cfi_startproc
    pushq   %rbp
    pushq   %rbx
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    .cfi_def_cfa_offset 56
    .cfi_offset rbp, -16
    .cfi_offset rbx, -24
    .cfi_offset r12, -32
    .cfi_offset r13, -40
    .cfi_offset r14, -48
    .cfi_offset r15, -56
    movq    %rsp, (%rdi)
    movq    %rsi, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    .cfi_def_cfa_offset 8
    movq    %rdx, %rdi              /* the argument of entry at the first switch */
    ret
    .cfi_endproc
    .size   context_machine_switch, . - context_machine_switch

    .section .note.GNU-stack, "", @progbits
