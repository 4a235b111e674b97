/* main.c — the program: its arguments go to Lua's entry function, whose answer is the exit status.
 */
#include "vm/vm.h"

int main(int argc, char **argv) {
    return lac_vm_run(LAC_ENTRY, argc, argv);
}
