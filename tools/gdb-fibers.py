# SPDX-License-Identifier: ISC
# gdb-fibers - where every fiber of a process stands
#
#     (gdb) source tools/gdb-fibers.py
#     (gdb) fibers              production: of this process
#     (gdb) fibers EXPRESSION   of the struct sys * that it gives; in simulation, of one process
#
# Needs the debug information of the build. Shows the functions whose return addresses lie on top
# of a stopped fiber's stack, innermost first.
import gdb

WORDS_SHOWN = 120  # of a stack, in which return addresses are looked for

class Fibers(gdb.Command):
    """List all fibers of a process with the back trace of each."""

    def __init__(self):
        super().__init__("fibers", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        sys = gdb.parse_and_eval(argument or "running")
        production = "current" in [field.name for field in sys.dereference().type.fields()]
        kind = gdb.lookup_type("struct os_fiber" if production else "struct fiber")
        current = sys["current"] if production else None
        for number, fiber in enumerate(self.walk(sys["fibers"], kind)):
            running = current is not None and fiber.address == current
            run = fiber["run"].format_string(symbols=True)
            print("#%d %s run %s%s" % (number, fiber.address, run, " (runs)" if running else ""))
            if not running:
                self.back_trace(fiber["context"]["stack_pointer"])

    @staticmethod
    def walk(head, kind):
        """The fibers of a list; their node in it is in_process."""
        offset = next(f.bitpos // 8 for f in kind.fields() if f.name == "in_process")
        node = head["next"]
        while node != head.address:
            start = int(node) - offset
            yield gdb.Value(start).cast(kind.pointer()).dereference()
            node = node["next"]

    @staticmethod
    def back_trace(stack_pointer):
        """On x86-64 six registers lie below the return address of the switch."""
        stack = stack_pointer.cast(gdb.lookup_type("unsigned long").pointer())
        if int(stack) == 0:
            return
        for word in range(6, WORDS_SHOWN):
            symbol = gdb.execute("info symbol %d" % int(stack[word]), to_string=True)
            if " in section .text" in symbol:
                print("    %s" % symbol.split(" in section")[0])


Fibers()
