#include "formats/upstart/remark.h"

#include <algorithm>

namespace reeve::formats::upstart {

Diagnostic place(const Remark& remark, const SourceText& source, const std::vector<Mark>& marks) {
    const auto mark = std::find_if(marks.rbegin(), marks.rend(), [&remark](const Mark& each) {
        return each.stanza == remark.stanza;
    });
    Diagnostic diagnostic = mark == marks.rend()
                                ? source.error(remark.message, remark.hint)
                                : source.error_at(mark->offset, remark.message, remark.hint);
    diagnostic.severity = remark.severity;
    return diagnostic;
}

}  // namespace reeve::formats::upstart
