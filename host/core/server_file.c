/* server_file.c — answers that are files, which the kernel reads and sends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/server_private.h"

#define PIECE ((size_t)256 * 1024) /* sent at once */
#define PIECES 4                   /* before others get their turn */

static bool has_range(const struct lac_server_answer *answer, const struct stat *facts) {
    uint64_t size = (uint64_t)facts->st_size;
    return S_ISREG(facts->st_mode) && answer->offset <= size &&
           (answer->length == UINT64_MAX || answer->length <= size - answer->offset);
}

bool lac_server_open_file(struct lac_server_connection *connection,
                          const struct lac_server_answer *answer, struct lac_error *err) {
    struct stat facts;
    int fd = open(answer->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) {
        lac_fail_errno(err, errno, "cannot read %s", answer->path);
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    if (!has_range(answer, &facts)) {
        close(fd);
        return lac_fail(err, LAC_ERR_INPUT, "%s holds no such range", answer->path);
    }
    if (answer->remove) {
        unlink(answer->path);
    }
    connection->file = fd;
    connection->file_at = answer->offset;
    connection->file_left =
        answer->length == UINT64_MAX ? (uint64_t)facts.st_size - answer->offset : answer->length;
    return true;
}

/* sendfile(2) knows no MSG_NOSIGNAL: the signal is held, and taken back. */
static ssize_t send_quietly(int socket, int file, off_t *at, size_t count) {
    const struct timespec now = {0};
    sigset_t pipe, before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe, &before);
    ssize_t sent = sendfile(socket, file, at, count);
    int number = errno;
    if (sent < 0 && number == EPIPE && sigismember(&before, SIGPIPE) == 0) {
        sigtimedwait(&pipe, NULL, &now);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return sent;
}

void lac_server_send_file(struct lac_server_connection *connection) {
    struct lac_http_socket *socket = &connection->socket;
    if (connection->file < 0 || lac_http_socket_unsent(socket) > 0) {
        return;
    }
    bool goes_on = true;
    for (int i = 0; i < PIECES && goes_on && connection->file_left > 0; i++) {
        off_t at = (off_t)connection->file_at;
        size_t most = connection->file_left < PIECE ? (size_t)connection->file_left : PIECE;
        ssize_t sent = socket->failed ? -1 : send_quietly(socket->fd, connection->file, &at, most);
        goes_on = sent > 0;
        if (goes_on) {
            connection->file_at += (uint64_t)sent;
            connection->file_left -= (uint64_t)sent;
        } else if (sent == 0 || (errno != EAGAIN && errno != EINTR)) {
            socket->failed = true; /* or the file has become shorter meanwhile */
        }
    }
    if (connection->file_left == 0) {
        lac_server_close_file(connection);
    }
}

void lac_server_close_file(struct lac_server_connection *connection) {
    if (connection->file >= 0) {
        close(connection->file);
        connection->file = -1;
    }
}
