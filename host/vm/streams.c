#include "vm/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* open() takes the lowest number that is free: going up, that is the stream's own. */
static bool fill_closed(int fd, int flags) {
    return fcntl(fd, F_GETFD) >= 0 || open("/dev/null", flags) == fd;
}

static bool reader_has_left(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

static void check_output(void) {
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    int number = errno;
    if (written || reader_has_left()) {
        return;
    }
    fprintf(stderr, "laconic: cannot write to standard output%s%s\n", number != 0 ? ": " : "",
            number != 0 ? strerror(number) : "");
    _exit(1);
}

void lac_streams_guard(void) {
    /* A bare root has no /dev/null: then there is nothing to be done. */
    (void)(fill_closed(STDIN_FILENO, O_RDONLY) && fill_closed(STDOUT_FILENO, O_RDONLY) &&
           fill_closed(STDERR_FILENO, O_WRONLY));
    atexit(check_output);
}
