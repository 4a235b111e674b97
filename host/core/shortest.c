#include "core/shortest.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* Numbers in this range are computed here, exactly, in 128 bits; they are written without an
 * exponent. The C library takes the others. */
#define LEAST 1e-4
#define MOST 1e15

#define MOST_SCALE 21 /* LEAST * 10^21 is past 10^16 */

/* ---- in 128 bits ------------------------------------------------------------------------------
 */

/* All decimals in [from, to], as multiples of 10^-scale, read back as the number. */
struct range {
    uint64_t from, to;
    uint64_t fourfold; /* the number itself, times four; its last bit is set when it is more */
    int scale;
};

/* The number is digits * 2^exponent, and the half-way points to its two neighbours are a half, or,
 * below a power of two, a quarter of 2^exponent away. Times four, times 5^scale they are integers
 * below 2^105; what they lack to 10^scale is a shift. */
static struct range find_range(double magnitude) {
    int exponent, scale = 1;
    uint64_t digits = (uint64_t)ldexp(frexp(magnitude, &exponent), 53);
    wide five = 5;
    for (double scaled = magnitude * 10; scaled < 1e16 && scale < MOST_SCALE; scaled *= 10) {
        five *= 5;
        scale++;
    }
    int shift = 2 - (exponent - 53) - scale; /* 3 at the least */
    wide middle = five * digits * 4, above = middle + five * 2;
    wide below = middle - (digits == UINT64_C(1) << 52 ? five : five * 2);
    if (digits % 2 == 1) { /* a half-way point itself goes to the even neighbour */
        above -= 1;
        below += 1;
    }
    wide rest = ((wide)1 << shift) - 1;
    return (struct range){
        .from = (uint64_t)((below + rest) >> shift),
        .to = (uint64_t)(above >> shift),
        .fourfold = (uint64_t)(middle >> (shift - 2)) | ((middle & (rest >> 2)) != 0 ? 1 : 0),
        .scale = scale,
    };
}

/* Takes digits off the end while there is a decimal left that reads back; returns the nearest of
 * those with the fewest digits. */
static uint64_t shorten(struct range *range) {
    uint64_t unit = 4;
    while ((range->from + 9) / 10 <= range->to / 10 && range->scale > 0) {
        range->from = (range->from + 9) / 10;
        range->to /= 10;
        range->scale--;
        unit *= 10;
    }
    uint64_t nearest = range->fourfold / unit, rest = range->fourfold % unit;
    nearest += rest > unit / 2 || (rest == unit / 2 && nearest % 2 == 1) ? 1 : 0;
    return nearest < range->from ? range->from : nearest > range->to ? range->to : nearest;
}

/* `digits` with a point before the last `scale` of them, at least one digit on either side. */
static size_t write_fixed(uint64_t digits, int scale, char *out) {
    char text[32];
    size_t at = sizeof text;
    if (scale == 0) {
        digits *= 10;
        scale = 1;
    }
    while (digits > 0 || scale >= 0) {
        if (scale == 0) {
            text[--at] = '.';
        }
        scale--;
        text[--at] = (char)('0' + digits % 10);
        digits /= 10;
    }
    memcpy(out, text + at, sizeof text - at);
    return sizeof text - at;
}

/* ---- by the C library -------------------------------------------------------------------------
 */

static size_t write_any(double value, char *out) {
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, LAC_SHORTEST_SIZE, "%.*g", digits, value);
        if (digits < 17 && strtod(out, NULL) == value) {
            break; /* 17 digits always read back as the same double */
        }
    }
    bool has_mark = false;
    size_t len = 0;
    for (; out[len] != '\0'; len++) {
        if (strchr("+-0123456789", out[len]) == NULL) {
            has_mark = true;
            out[len] = out[len] == 'e' ? 'e' : '.'; /* the locale may write a comma */
        }
    }
    if (!has_mark) {
        memcpy(out + len, ".0", 2);
        len += 2;
    }
    return len;
}

size_t lac_shortest(double value, char out[LAC_SHORTEST_SIZE]) {
    double magnitude = fabs(value);
    size_t sign = signbit(value) ? 1 : 0;
    if (magnitude != 0 && (magnitude < LEAST || magnitude >= MOST)) {
        return write_any(value, out);
    }
    out[0] = '-';
    if (magnitude == 0) {
        return sign + write_fixed(0, 1, out + sign);
    }
    struct range range = find_range(magnitude);
    uint64_t digits = shorten(&range);
    return sign + write_fixed(digits, range.scale, out + sign);
}
