#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "core/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool read_port(const char *text, in_port_t *out) {
    unsigned long port = 0;
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 5 || text[len] != '\0') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    *out = htons((uint16_t)port);
    return port > 0 && port <= UINT16_MAX;
}

static bool is_near(struct in_addr address) {
    uint32_t number = ntohl(address.s_addr);
    return number >> 24 == 127 || number >> 16 == (169U << 8 | 254U);
}

static bool read_address(const char *text, struct sockaddr_in *out, struct lac_error *err) {
    char host[INET_ADDRSTRLEN] = "";
    const char *colon = strchr(text, ':');
    size_t len = colon == NULL ? sizeof host : (size_t)(colon - text);
    *out = (struct sockaddr_in){.sin_family = AF_INET};
    if (len < sizeof host) {
        memcpy(host, text, len);
    }
    if (len >= sizeof host || inet_pton(AF_INET, host, &out->sin_addr) != 1 ||
        !read_port(colon + 1, &out->sin_port)) {
        return lac_fail(err, LAC_ERR_INPUT, "no address for a datagram: '%.100s' (127.0.0.1:2000)",
                        text);
    }
    if (!is_near(out->sin_addr)) {
        return lac_fail(err, LAC_ERR_INPUT, "datagrams do not leave the machine: '%.100s'", text);
    }
    return true;
}

bool lac_datagram_send(const char *address, struct lac_str bytes, struct lac_error *err) {
    struct sockaddr_in to;
    if (!read_address(address, &to, err)) {
        return false;
    }
    if (bytes.len > LAC_DATAGRAM_MAX) {
        return lac_fail(err, LAC_ERR_LIMIT, "%zu bytes: a datagram carries %zu", bytes.len,
                        LAC_DATAGRAM_MAX);
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ssize_t sent = -1;
    if (fd >= 0) {
        sent = sendto(fd, bytes.data, bytes.len, 0, (const struct sockaddr *)&to, sizeof to);
    }
    int number = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (sent < 0) {
        lac_fail_errno(err, number, "a datagram to %s", address);
        err->kind = LAC_ERR_NETWORK;
        err->retryable = number == EAGAIN || number == ENOBUFS;
        return false;
    }
    return true;
}
