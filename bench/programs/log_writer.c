// log_writer TOTAL WRITE_BYTES: writes TOTAL bytes of 100-byte lines to stdout, WRITE_BYTES at a
// time.
#include <stdlib.h>
#include <unistd.h>

enum { kBuffer = 1 << 20, kLine = 100 };
static char buffer[kBuffer];

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    long total = atol(argv[1]);
    long chunk = atol(argv[2]) / kLine * kLine;
    if (chunk <= 0 || chunk > kBuffer) return 2;
    for (int i = 0; i < kBuffer; ++i) {
        buffer[i] = i % kLine == kLine - 1 ? '\n' : (char)('a' + i % kLine % 26);
    }
    total -= total % kLine;
    long offset = 0;  // within a line: where a short write stopped
    while (total > 0) {
        const long wanted = chunk - offset < total ? chunk - offset : total;
        const ssize_t wrote = write(1, buffer + offset, (size_t)wanted);
        if (wrote <= 0) return 1;
        total -= wrote;
        offset = (offset + wrote) % kLine;
    }
    return 0;
}
