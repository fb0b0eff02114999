/* Preloaded: a disk that forgets what was not synced. Whenever a file below "/live/" is synced, what it holds is copied to
 * the same name below "/kept/"; after a power cut that copy is all there is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char block[1 << 20];

static void keep(int fd) {
    char name[64], path[PATH_MAX], target[PATH_MAX], unready[PATH_MAX + 8];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    char *live = strstr(path, "/live/");
    if (!live) return;
    snprintf(target, sizeof target, "%.*s/kept/%s", (int)(live - path), path, live + 6);
    snprintf(unready, sizeof unready, "%s.new", target);
    int out = open(unready, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (out < 0) return;
    off_t at = 0;
    ssize_t got;
    while ((got = pread(fd, block, sizeof block, at)) > 0) {
        if (write(out, block, got) != got) _exit(99);
        at += got;
    }
    close(out);
    if (got == 0) rename(unready, target);
}

int fsync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int done = real(fd);
    if (done == 0) keep(fd);
    return done;
}

int fdatasync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int done = real(fd);
    if (done == 0) keep(fd);
    return done;
}
