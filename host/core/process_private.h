/* process_private.h — between the files of process.h: process_spawn.c starts a program, process.c
 * has it, process_wait.c waits for its end, process_run.c does all of that. */
#ifndef LAC_PROCESS_PRIVATE_H
#define LAC_PROCESS_PRIVATE_H

#include "core/process.h"

#define LAC_PROCESS_READ_BLOCK ((size_t)64 * 1024)

/* Closes what is open, and leaves -1. */
void lac_process_close_fd(int *fd);

/* Of process_wait.c. An `end` is a time of the monotonic clock; a negative one never comes. */
double lac_process_left(double end); /* seconds, not below 0; negative when it never comes */
bool lac_process_too_late(double end);

/* Fails as what has reached its end and still runs. */
bool lac_process_still_running(const char *name, struct lac_error *err);
bool lac_process_wait_until(struct lac_process *process, const char *name, double end,
                            struct lac_error *err);

#endif
