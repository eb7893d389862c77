#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "formats/diagnostic.h"
#include "formats/upstart/conf_reader.h"

namespace reeve::formats::upstart {

/// Something to say about one stanza of a job.
struct Remark {
    Severity severity = Severity::Warning;
    std::string stanza;  // as in Mark
    std::string message;
    std::string hint;
    /// Which one of its name is meant, from 0 and over all files of the job; none: the last one.
    std::optional<std::size_t> nth = std::nullopt;
};

/// A file of a job, and where its stanzas stand. Views: both must outlive it.
struct MarkedText {
    SourceText source;
    std::span<const Mark> marks;
};

/// The remark at its stanza; `texts` are the job's file and then its override, at least one. About
/// the first file as a whole where none has the stanza.
Diagnostic place(const Remark& remark, std::span<const MarkedText> texts);

}  // namespace reeve::formats::upstart
