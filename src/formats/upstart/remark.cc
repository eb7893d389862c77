#include "formats/upstart/remark.h"

namespace reeve::formats::upstart {

Diagnostic place(const Remark& remark, std::span<const MarkedText> texts) {
    Diagnostic diagnostic = texts.front().source.error(remark.message, remark.hint);
    std::size_t seen = 0;
    for (const MarkedText& text : texts) {
        for (const Mark& mark : text.marks) {
            if (mark.stanza != remark.stanza) continue;
            const bool is_meant = !remark.nth || seen == *remark.nth;
            ++seen;
            if (is_meant)
                diagnostic = text.source.error_at(mark.offset, remark.message, remark.hint);
        }
    }
    diagnostic.severity = remark.severity;
    return diagnostic;
}

}  // namespace reeve::formats::upstart
