// SPDX-License-Identifier: ISC
/* The switch for 64-bit ARM: x19..x28, the frame pointer, the return address and d8..d15. */
    .text

    /* void *context_machine_start(void *stack, size_t stack_size, void (*entry)(struct context *)) */
    .globl  context_machine_start
    .type   context_machine_start, %function
context_machine_start:
    .cfi_startproc
    add     x0, x0, x1
    and     x0, x0, #-16
    sub     x0, x0, #160
    stp     xzr, x2, [x0]           /* frame pointer; where the first switch returns to */
    ret
    .cfi_endproc
    .size   context_machine_start, . - context_machine_start

    /* void context_machine_switch(void **from, void *to, struct context *) */
    .globl  context_machine_switch
    .type   context_machine_switch, %function
context_machine_switch:
    .cfi_startproc
    stp     x29, x30, [sp, #-160]!
    .cfi_def_cfa_offset 160
    .cfi_offset x29, -160
    .cfi_offset x30, -152
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    stp     d8, d9, [sp, #96]
    stp     d10, d11, [sp, #112]
    stp     d12, d13, [sp, #128]
    stp     d14, d15, [sp, #144]
    mov     x9, sp
    str     x9, [x0]
    mov     sp, x1
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     d8, d9, [sp, #96]
    ldp     d10, d11, [sp, #112]
    ldp     d12, d13, [sp, #128]
    ldp     d14, d15, [sp, #144]
    ldp     x29, x9, [sp], #160
    .cfi_def_cfa_offset 0
    mov     x0, x2                  /* the argument of entry at the first switch */
    mov     x30, xzr                /* the end of every back trace */
    ret     x9
    .cfi_endproc
    .size   context_machine_switch, . - context_machine_switch

    .section .note.GNU-stack, "", %progbits
