/* crc.h — the checksums that AWS speaks: CRC-32 (zip, x-amz-checksum-crc32), CRC-32C
 * (x-amz-checksum-crc32c) and CRC-64/NVME (x-amz-checksum-crc64nvme). `before` is the checksum of
 * the bytes so far, 0 at the start. */
#ifndef LAC_CRC_H
#define LAC_CRC_H

#include <stdint.h>

#include "core/buf.h"

uint32_t lac_crc32(uint32_t before, struct lac_str bytes);
uint32_t lac_crc32c(uint32_t before, struct lac_str bytes);
uint64_t lac_crc64nvme(uint64_t before, struct lac_str bytes);

#endif
