/* process_slice.c — how long our turns of a processor are. */
#include <errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/process.h"

bool lac_process_slice(double seconds, struct lac_error *err) {
    struct sched_attr attr = {.size = sizeof attr};
    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0) {
        return lac_fail_errno(err, errno, "cannot ask how turns are shared out");
    }
    attr.sched_runtime = (uint64_t)(seconds * 1e9);
    attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
    return syscall(SYS_sched_setattr, 0, &attr, 0) == 0 ||
           lac_fail_errno(err, errno, "cannot ask for turns of %g s", seconds);
}
