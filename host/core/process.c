#define _GNU_SOURCE /* wait4 */
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/process_private.h"

void lac_process_close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

bool lac_process_read(int fd, size_t max, struct lac_buf *out) {
    char block[LAC_PROCESS_READ_BLOCK];
    while (fd >= 0 && max > 0) {
        ssize_t count = read(fd, block, max < sizeof block ? max : sizeof block);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno == EAGAIN;
        }
        lac_buf_add(out, (struct lac_str){block, (size_t)count});
        return count > 0;
    }
    return fd >= 0;
}

/* Sees the end without reaping, ends the group while its id is still taken, and only then reaps. */
bool lac_process_poll(struct lac_process *process) {
    siginfo_t info = {0};
    if (process->ended || process->pid <= 0) {
        return true;
    }
    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == 0) {
        return false;
    }
    if (process->group) {
        kill(-process->pid, SIGKILL);
    }
    int status = 0;
    struct rusage usage = {0};
    pid_t reaped;
    do {
        reaped = wait4(process->pid, &status, 0, &usage);
    } while (reaped < 0 && errno == EINTR);
    process->ended = true;
    process->end.status = reaped > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    process->end.signal = reaped > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    process->end.max_memory = (uint64_t)usage.ru_maxrss * 1024;
    return true;
}

void lac_process_kill(struct lac_process *process, int signal) {
    if (!lac_process_poll(process)) {
        kill(process->group ? -process->pid : process->pid, signal);
    }
}

uint64_t lac_process_memory(const struct lac_process *process) {
    char path[64], text[128];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process->pid);
    int fd = process->ended || process->pid <= 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t len = read(fd, text, sizeof text - 1);
        text[len > 0 ? len : 0] = '\0';
        const char *resident = strchr(text, ' '); /* the second of its numbers */
        pages = resident != NULL ? strtoull(resident, NULL, 10) : 0;
        close(fd);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void lac_process_close(struct lac_process *process) {
    if (!lac_process_poll(process)) {
        siginfo_t info;
        lac_process_kill(process, SIGKILL);
        while (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
        }
        lac_process_poll(process);
    }
    lac_process_release(process);
}

void lac_process_release(struct lac_process *process) {
    lac_process_close_fd(&process->output);
    lac_process_close_fd(&process->error);
    lac_process_close_fd(&process->ended_fd);
    *process = (struct lac_process)LAC_PROCESS_NONE;
}

bool lac_process_alive(pid_t pid) {
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}
