/* loopback.c — the loopback fixture as a program: `loopback THEN:BYTES…`. Prints its port, answers
 * by that script, and when it is through prints each request as its length, a line end, its bytes.
 * THEN is keep, close, reset or stall.
 *
 * `loopback datagrams:N` does the same with the first N datagrams that come to its port. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture_loopback.h"

static struct loopback_answer read_answer(const char *word) {
    static const struct {
        const char *prefix;
        enum loopback_then then;
    } forms[] = {
        {"keep:", LOOPBACK_KEEP},
        {"close:", LOOPBACK_CLOSE},
        {"reset:", LOOPBACK_RESET},
        {"stall:", LOOPBACK_STALL},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t len = strlen(forms[i].prefix);
        if (strncmp(word, forms[i].prefix, len) == 0) {
            return (struct loopback_answer){.bytes = word + len, .then = forms[i].then};
        }
    }
    fprintf(stderr, "loopback: %s\n", word);
    exit(2);
}

static int print_datagrams(int count) {
    static char bytes[65536];
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 ||
        getsockname(fd, (struct sockaddr *)&here, &len) != 0) {
        perror("loopback");
        return 2;
    }
    printf("%d\n", (int)ntohs(here.sin_port));
    fflush(stdout);
    for (int i = 0; i < count; i++) {
        ssize_t size = recv(fd, bytes, sizeof bytes, 0);
        printf("%zd\n", size);
        fwrite(bytes, 1, size > 0 ? (size_t)size : 0, stdout);
    }
    close(fd);
    return 0;
}

static void give_up(int number) {
    static const char words[] = "loopback: not asked for all of its answers within 60 s\n";
    ssize_t ignored = write(STDERR_FILENO, words, sizeof words - 1);
    (void)ignored;
    _exit(128 + number);
}

int main(int argc, char **argv) {
    signal(SIGALRM, give_up);
    alarm(60); /* a test that fails may never ask for the rest */
    if (argc == 2 && strncmp(argv[1], "datagrams:", 10) == 0) {
        return print_datagrams(atoi(argv[1] + 10));
    }
    struct loopback_answer script[64];
    size_t count = 0;
    for (int i = 1; i < argc && count < 64; i++) {
        script[count++] = read_answer(argv[i]);
    }
    struct loopback *loopback = loopback_start(script, count);
    printf("%d\n", loopback_port(loopback));
    fflush(stdout);
    loopback_wait(loopback);
    for (size_t i = 0; i < loopback_request_count(loopback); i++) {
        struct lac_str request = loopback_request(loopback, i);
        printf("%zu\n", request.len);
        fwrite(request.data, 1, request.len, stdout);
    }
    loopback_stop(loopback);
    return 0;
}
