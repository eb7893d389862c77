#pragma once

#include <string>

#include "formats/diagnostic.h"
#include "formats/upstart/conf_reader.h"

namespace reeve::formats::upstart {

/// Something to say about one stanza of a job.
struct Remark {
    Severity severity = Severity::Warning;
    std::string stanza;  // as in Mark; the last one of the name is meant
    std::string message;
    std::string hint;
};

/// The remark at its place: the stanza's, or the file as a whole where an override said it.
Diagnostic place(const Remark& remark, const SourceText& source, const std::vector<Mark>& marks);

}  // namespace reeve::formats::upstart
