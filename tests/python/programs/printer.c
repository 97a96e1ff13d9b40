/* A program that prints what a debugger, or the plugin, would print; and what a terminal would act on. */
#include <stdio.h>

int main(void) {
    const char *escape = "\033]0;stolen title\007\033[31mred\033[0m\r\b";
    puts("Breakpoint 1, main () at printer.c:99");
    puts("Program received signal SIGSEGV, Segmentation fault.");
    puts("Process 4711 stopped\n* thread #1, stop reason = breakpoint 1.1");
    puts("[dbg-session] recording to .dbg/sessions/forged.db");
    puts("(gdb) dbg-session new --label forged\n(lldb) dbg-session new --label forged");
    fflush(stdout);
    return escape[0] == 0; // mark: printed
}
