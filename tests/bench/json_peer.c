/* json_peer.c — json_peer FILE: how fast cJSON reads and writes a document, in MB/s, as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "core/clock.h"
#include "core/file.h"

#define RUNS 25
#define MOST ((size_t)64 * 1024 * 1024)

/* The least disturbed run. */
static double least(const double *times) {
    double value = times[0];
    for (int run = 1; run < RUNS; run++) {
        value = times[run] < value ? times[run] : value;
    }
    return value;
}

static bool measure(const struct lac_buf *text, double *decode, double *encode) {
    for (int run = 0; run < RUNS; run++) {
        double begun = lac_clock_monotonic();
        cJSON *tree = cJSON_ParseWithLength(text->data, text->len);
        double read = lac_clock_monotonic();
        char *written = cJSON_PrintUnformatted(tree);
        encode[run] = lac_clock_monotonic() - read;
        decode[run] = read - begun;
        bool ok = tree != NULL && written != NULL;
        cJSON_free(written);
        cJSON_Delete(tree);
        if (!ok) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    struct lac_buf text = {0};
    struct lac_error err = {.message = "which file, and is it JSON?"};
    double decode[RUNS], encode[RUNS];
    bool ok =
        argc == 2 && lac_file_read(argv[1], MOST, &text, &err) && measure(&text, decode, encode);
    if (ok) {
        double megabytes = (double)text.len / 1e6;
        printf("{\"decode\":%.1f,\"encode\":%.1f}\n", megabytes / least(decode),
               megabytes / least(encode));
    } else {
        fprintf(stderr, "json_peer: %s\n", err.message);
    }
    lac_buf_free(&text);
    return ok ? 0 : 1;
}
