/* loopback.c — the loopback fixture as a program: `loopback THEN:BYTES…`. Prints its port, answers
 * by that script, and when it is through prints each request as its length, a line end, its bytes.
 * THEN is keep, close, reset or stall. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(int argc, char **argv) {
    struct loopback_answer script[64];
    size_t count = 0;
    for (int i = 1; i < argc && count < 64; i++) {
        script[count++] = read_answer(argv[i]);
    }
    alarm(60); /* a test that fails may never ask for the rest */
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
