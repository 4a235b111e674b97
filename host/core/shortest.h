/* shortest.h — the shortest decimal text that reads back as the same double. */
#ifndef LAC_SHORTEST_H
#define LAC_SHORTEST_H

#include <stddef.h>

#define LAC_SHORTEST_SIZE 40

/* Writes a finite number, always as one with a fraction or an exponent ("1.0", "2.5", "1e+300"),
 * whatever the locale, and returns its length. Of two texts that are as short, the nearer one. */
size_t lac_shortest(double value, char out[LAC_SHORTEST_SIZE]);

#endif
