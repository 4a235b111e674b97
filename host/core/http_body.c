#include "core/http_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool open_slice(struct lac_http_source *source, const struct lac_http_slice *slice,
                       struct lac_error *err) {
    struct stat facts;
    source->fd = open(slice->path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0 || fstat(source->fd, &facts) != 0) {
        return lac_fail_errno(err, errno, "cannot read %s", slice->path);
    }
    if (!S_ISREG(facts.st_mode)) {
        return lac_fail(err, LAC_ERR_INPUT, "%s is not a regular file", slice->path);
    }
    uint64_t size = (uint64_t)facts.st_size;
    uint64_t rest = slice->offset <= size ? size - slice->offset : 0;
    source->start = slice->offset;
    source->length = slice->length == LAC_HTTP_TO_END ? rest : slice->length;
    if (slice->offset > size || source->length > rest) {
        return lac_fail(err, LAC_ERR_INPUT, "%s ends before the bytes that were asked for",
                        slice->path);
    }
    return true;
}

bool lac_http_source_open(struct lac_http_source *source, struct lac_str bytes,
                          const struct lac_http_slice *slice, struct lac_error *err) {
    *source = (struct lac_http_source){.bytes = bytes, .fd = -1, .length = bytes.len};
    return slice->path == NULL || open_slice(source, slice, err);
}

bool lac_http_source_read(struct lac_http_source *source, char *out, size_t size, size_t *got,
                          struct lac_error *err) {
    uint64_t rest = source->length - source->position;
    size_t want = rest < size ? (size_t)rest : size;
    *got = 0;
    if (want == 0) {
        return true;
    }
    if (source->fd < 0) {
        memcpy(out, source->bytes.data + source->position, want);
        *got = want;
    } else {
        ssize_t count;
        do {
            count = pread(source->fd, out, want, (off_t)(source->start + source->position));
        } while (count < 0 && errno == EINTR);
        if (count < 0) {
            return lac_fail_errno(err, errno, "cannot read the file to send");
        }
        if (count == 0) {
            return lac_fail(err, LAC_ERR_SYSTEM, "the file became shorter while it was sent");
        }
        *got = (size_t)count;
    }
    source->position += *got;
    return true;
}

void lac_http_source_close(struct lac_http_source *source) {
    if (source->fd >= 0) {
        close(source->fd);
    }
    *source = (struct lac_http_source){.fd = -1};
}

void lac_http_sink_to_memory(struct lac_http_sink *sink, size_t max_bytes) {
    *sink = (struct lac_http_sink){.max_bytes = max_bytes, .fd = -1};
}

bool lac_http_sink_to_file(struct lac_http_sink *sink, const char *path, struct lac_error *err) {
    lac_buf_addf(&sink->temporary, "%s.XXXXXX", path);
    if (sink->temporary.failed) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while opening %s", path);
    }
    sink->fd = mkstemp(sink->temporary.data);
    if (sink->fd < 0) {
        lac_buf_free(&sink->temporary);
        return lac_fail_errno(err, errno, "cannot write %s", path);
    }
    mode_t mask = umask(0);
    umask(mask);
    if (fcntl(sink->fd, F_SETFD, FD_CLOEXEC) != 0 || fchmod(sink->fd, 0666 & ~mask) != 0) {
        return lac_fail_errno(err, errno, "cannot write %s", path);
    }
    return true;
}

bool lac_http_sink_write(struct lac_http_sink *sink, struct lac_str bytes, struct lac_error *err) {
    if (sink->fd < 0) {
        if (bytes.len > sink->max_bytes - sink->bytes.len) {
            return lac_fail(err, LAC_ERR_LIMIT, "the answer is longer than %zu bytes",
                            sink->max_bytes);
        }
        lac_buf_add(&sink->bytes, bytes);
        return !sink->bytes.failed ||
               lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading an answer");
    }
    while (bytes.len > 0) {
        ssize_t count = write(sink->fd, bytes.data, bytes.len);
        if (count < 0 && errno != EINTR) {
            return lac_fail_errno(err, errno, "cannot write %s", sink->temporary.data);
        }
        if (count > 0) {
            bytes.data += count;
            bytes.len -= (size_t)count;
        }
    }
    return true;
}

bool lac_http_sink_commit(struct lac_http_sink *sink, const char *path, struct lac_error *err) {
    int fd = sink->fd;
    sink->fd = -1;
    if (close(fd) != 0 || rename(sink->temporary.data, path) != 0) {
        return lac_fail_errno(err, errno, "cannot write %s", path);
    }
    lac_buf_free(&sink->temporary);
    return true;
}

void lac_http_sink_close(struct lac_http_sink *sink) {
    if (sink->fd >= 0) {
        close(sink->fd);
    }
    if (sink->temporary.len > 0) {
        unlink(sink->temporary.data);
    }
    lac_buf_free(&sink->temporary);
    lac_buf_free(&sink->bytes);
    *sink = (struct lac_http_sink){.fd = -1};
}
