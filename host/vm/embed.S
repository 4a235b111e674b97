/* embed.S — the scripts inside the program: lac_scripts of embed.h. scripts.inc, which embed.cmake
 * writes, has a line for each, sorted by module. */

#define INDEX .data.rel.ro.lac_scripts, "aw", %progbits

    .macro script module, chunkname, file, place
    .section \place, "a", %progbits
1:  .incbin "\file"
2:
    .section .rodata.script_names, "a", %progbits
3:  .asciz "\module"
4:  .asciz "\chunkname"
    .section INDEX
    .quad 3b, 4b, 1b, 2b - 1b
    .endm

    .section INDEX
    .balign 8
    .globl lac_scripts
    .type lac_scripts, %object
lac_scripts:
#include "scripts.inc"
    .section INDEX
    .size lac_scripts, . - lac_scripts

    .section .rodata.lac_script_count, "a", %progbits
    .balign 8
    .globl lac_script_count
    .type lac_script_count, %object
    .size lac_script_count, 8
lac_script_count:
    .quad .Lcount

    .section INDEX
    .set .Lcount, (. - lac_scripts) / 32

    .section .note.GNU-stack, "", %progbits
