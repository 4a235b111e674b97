#include "core/crc.h"

#include <pthread.h>

/* Eight bytes a step: slices[n][b] is the checksum of byte b with n zero bytes behind it. */
#define SLICES 8

static uint32_t crc32_slices[SLICES][256], crc32c_slices[SLICES][256];
static uint64_t crc64_slices[SLICES][256];
static pthread_once_t built_once = PTHREAD_ONCE_INIT;

static void build(uint32_t slices[SLICES][256], uint32_t polynomial) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
        }
        slices[0][byte] = crc;
    }
    for (int n = 1; n < SLICES; n++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t shorter = slices[n - 1][byte];
            slices[n][byte] = shorter >> 8 ^ slices[0][shorter & 0xff];
        }
    }
}

static void build_wide(uint64_t slices[SLICES][256], uint64_t polynomial) {
    for (uint64_t byte = 0; byte < 256; byte++) {
        uint64_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
        }
        slices[0][byte] = crc;
    }
    for (int n = 1; n < SLICES; n++) {
        for (int byte = 0; byte < 256; byte++) {
            uint64_t shorter = slices[n - 1][byte];
            slices[n][byte] = shorter >> 8 ^ slices[0][shorter & 0xff];
        }
    }
}

static void build_all(void) {
    build(crc32_slices, 0xEDB88320);  /* reflected, as all of zip, PNG and Ethernet have it */
    build(crc32c_slices, 0x82F63B78); /* Castagnoli's, reflected */
    build_wide(crc64_slices, 0x9A6C9329AC4BC9B5); /* NVM Express's, reflected */
}

static uint32_t run(uint32_t slices[SLICES][256], uint32_t crc, struct lac_str bytes) {
    const unsigned char *next = (const unsigned char *)bytes.data;
    size_t left = bytes.len;
    crc = ~crc;
    for (; left >= SLICES; left -= SLICES, next += SLICES) {
        uint32_t low = crc ^ ((uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16 |
                              (uint32_t)next[3] << 24);
        crc = slices[7][low & 0xff] ^ slices[6][low >> 8 & 0xff] ^ slices[5][low >> 16 & 0xff] ^
              slices[4][low >> 24] ^ slices[3][next[4]] ^ slices[2][next[5]] ^ slices[1][next[6]] ^
              slices[0][next[7]];
    }
    for (; left > 0; left--) {
        crc = crc >> 8 ^ slices[0][(crc ^ *next++) & 0xff];
    }
    return ~crc;
}

uint32_t lac_crc32(uint32_t before, struct lac_str bytes) {
    pthread_once(&built_once, build_all);
    return run(crc32_slices, before, bytes);
}

uint32_t lac_crc32c(uint32_t before, struct lac_str bytes) {
    pthread_once(&built_once, build_all);
    return run(crc32c_slices, before, bytes);
}

uint64_t lac_crc64nvme(uint64_t before, struct lac_str bytes) {
    pthread_once(&built_once, build_all);
    const unsigned char *next = (const unsigned char *)bytes.data;
    size_t left = bytes.len;
    uint64_t crc = ~before;
    for (; left >= SLICES; left -= SLICES, next += SLICES) {
        for (int i = 0; i < SLICES; i++) {
            crc ^= (uint64_t)next[i] << 8 * i;
        }
        crc = crc64_slices[7][crc & 0xff] ^ crc64_slices[6][crc >> 8 & 0xff] ^
              crc64_slices[5][crc >> 16 & 0xff] ^ crc64_slices[4][crc >> 24 & 0xff] ^
              crc64_slices[3][crc >> 32 & 0xff] ^ crc64_slices[2][crc >> 40 & 0xff] ^
              crc64_slices[1][crc >> 48 & 0xff] ^ crc64_slices[0][crc >> 56];
    }
    for (; left > 0; left--) {
        crc = crc >> 8 ^ crc64_slices[0][(crc ^ *next++) & 0xff];
    }
    return ~crc;
}
