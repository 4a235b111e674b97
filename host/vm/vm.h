/* vm.h — the Lua state: opened, given host.* and the embedded scripts, run, closed. */
#ifndef LAC_VM_H
#define LAC_VM_H

/* Requires the Lua module `entry`, calls the function it returns with the list of arguments
 * (args[0] is the program) and returns its integer as the exit status. A Lua error that reaches
 * here is a defect of ours: it is printed with its traceback, and the status is 1. */
int lac_vm_run(const char *entry, int argc, char **argv);

#endif
