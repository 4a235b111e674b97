/* process.h — other programs: started, bounded, read, reaped.
 *
 * A program gets its standard streams and no other file of ours, default signals, no core dumps,
 * and (unless asked otherwise) a process group of its own, which ends whole when its leader does,
 * and when we do. Nothing here waits unless it says so; no SIGCHLD handler is used. */
#ifndef LAC_PROCESS_H
#define LAC_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/error.h"

enum lac_process_stream {
    LAC_PROCESS_PIPE,    /* read by us */
    LAC_PROCESS_INHERIT, /* ours */
    LAC_PROCESS_DISCARD,
    LAC_PROCESS_OUTPUT, /* standard error alone: where standard output goes */
};

struct lac_process_options {
    const char *const *argv; /* ends in NULL; [0] is looked up in our PATH */
    const char *const *env;  /* "NAME=value", ends in NULL; NULL: our own */
    const char *cwd;         /* NULL: our own */
    struct lac_str input;    /* fed to standard input, however large, without help from us */
    enum lac_process_stream output, error;
    uint64_t memory;    /* RLIMIT_DATA, bytes; 0: no bound */
    uint64_t file_size; /* RLIMIT_FSIZE, bytes; 0: no bound */
    bool group, die_with_parent;
};

struct lac_process_end {
    int status;          /* exit status, or -1 */
    int signal;          /* the signal that ended it, or 0 */
    uint64_t max_memory; /* the most that was resident at once, bytes */
};

/* Begins as LAC_PROCESS_NONE; made by lac_process_spawn, ended by lac_process_close, which takes
 * any of the three. */
struct lac_process {
    pid_t pid;
    int output, error; /* pipes, or -1 */
    int ended_fd;      /* readable once it has ended; -1 where the kernel has no such thing */
    bool group, ended;
    struct lac_process_end end;
};

#define LAC_PROCESS_NONE                                                                           \
    { .output = -1, .error = -1, .ended_fd = -1 }

/* Fails with errno's name as code ("ENOENT": no such program) and starts nothing. */
bool lac_process_spawn(const struct lac_process_options *options, struct lac_process *out,
                       struct lac_error *err);

/* Reads what is there from a pipe of a process, at most `max` bytes, onto `out`. False at the end
 * of the pipe (or without one); nothing new and true when there is nothing yet. */
bool lac_process_read(int fd, size_t max, struct lac_buf *out);

/* Whether it has ended, without waiting; then `end` is filled, and its group is gone. */
bool lac_process_poll(struct lac_process *process);

/* Waits for its end; a negative timeout waits for ever. LAC_ERR_LIMIT with code "timeout" when that
 * has passed, and LAC_ERR_INTERRUPT. */
bool lac_process_wait(struct lac_process *process, double timeout, struct lac_error *err);

/* Sends a signal to it and its group; one that has ended is left alone. */
void lac_process_kill(struct lac_process *process, int signal);

/* Resident memory in bytes; 0 when it has ended. */
uint64_t lac_process_memory(const struct lac_process *process);

/* Kills what still runs, reaps it and closes the pipes. */
void lac_process_close(struct lac_process *process);

/* Closes the pipes and lets it run on without us. */
void lac_process_release(struct lac_process *process);

/* Runs a program to its end and collects its output (`max_output` bytes of each stream, then
 * LAC_ERR_LIMIT) for at most `timeout` seconds (negative: as long as it takes). Nothing of it is
 * left behind, whatever happens. */
bool lac_process_run(const struct lac_process_options *options, double timeout, size_t max_output,
                     struct lac_process_end *end, struct lac_buf *output, struct lac_buf *error,
                     struct lac_error *err);

/* Whether a process of that id exists. */
bool lac_process_alive(pid_t pid);

/* Asks for turns of a processor that are so long, for the calling thread; what it starts has the
 * kernel's own again. Who asks for short ones gets them sooner once it can run, and its share stays
 * the same (Linux since 6.12; before, nothing changes): for who serves others, and is waited for.
 */
bool lac_process_slice(double seconds, struct lac_error *err);

#endif
