// log_pump FILE: the limit that the scribe is measured against. Copies stdin to FILE until the end,
// with the scribe's stamp in front of each line: one read, one clock, one write, nothing else.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kRead = 64 * 1024, kStamp = 28 };
static char input[kRead];
static char output[kRead * (kStamp + 1)];

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const int file = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0640);
    if (file < 0) return 1;
    char stamp[kStamp + 1] = "";
    time_t second = 0;
    int at_line_start = 1;
    for (;;) {
        const ssize_t got = read(0, input, kRead);
        if (got <= 0) return got < 0;
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (now.tv_sec != second) {
            struct tm parts;
            gmtime_r(&now.tv_sec, &parts);
            strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S.000000Z ", &parts);
            second = now.tv_sec;
        }
        long micros = now.tv_nsec / 1000;
        for (int i = 25; i >= 20; --i, micros /= 10)
            stamp[i] = (char)('0' + micros % 10);
        size_t size = 0;
        const char* at = input;
        const char* const end = input + got;
        while (at < end) {
            const char* newline = memchr(at, '\n', (size_t)(end - at));
            const size_t length = (size_t)((newline ? newline + 1 : end) - at);
            if (at_line_start) {
                memcpy(output + size, stamp, kStamp);
                size += kStamp;
            }
            memcpy(output + size, at, length);
            size += length;
            at += length;
            at_line_start = newline != NULL;
        }
        for (size_t done = 0; done < size;) {
            const ssize_t wrote = write(file, output + done, size - done);
            if (wrote <= 0) return 1;
            done += (size_t)wrote;
        }
    }
}
