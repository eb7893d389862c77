#include "formats/upstart/app_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "formats/upstart/lint.h"

namespace reeve::formats::upstart {
namespace {

// What the engine objects to in one job, alone.
Result<void> validate_alone(const spec::App& app, const spec::Service& service) {
    spec::App alone;
    alone.name = app.name;
    alone.format = app.format;
    alone.environment = app.environment;
    alone.services.push_back(service);
    return spec::validate(alone);
}

void take_job(const LoadedJob& job, const AppTexts& texts, Reading<spec::App>& reading) {
    const SourceText source(job.path, job.text);
    std::vector<MarkedText> texts_of_job = {{source, job.conf.marks}};
    if (job.overriding) {
        const Override& file = *job.overriding;
        texts_of_job.push_back({SourceText(file.path, file.text), file.marks});
    }
    Lowered lowered = lower(job.conf.job, texts.surroundings);
    if (texts.lints) {
        for (Diagnostic& diagnostic : lint(job.conf.job, texts_of_job))
            reading.diagnostics.push_back(std::move(diagnostic));
    }
    for (const Remark& remark : lowered.remarks)
        reading.diagnostics.push_back(place(remark, texts_of_job));
    const Result<void> valid = validate_alone(reading.value, lowered.service);
    if (!valid) {
        for (const std::string_view objection : split(valid.error().message, '\n'))
            reading.diagnostics.push_back(source.error(std::string(objection), ""));
        return;
    }
    reading.value.services.push_back(std::move(lowered.service));
}

}  // namespace

Reading<spec::App> read_app(const AppTexts& texts) {
    Reading<spec::App> reading;
    spec::App& app = reading.value;
    app.name = "init";
    app.format = spec::Format::Upstart;
    for (const ConfDirectory& directory : texts.directories)
        app.source += (app.source.empty() ? "" : ":") + directory.path;
    app.directory = "/";
    app.environment = base_environment(texts.surroundings);
    Reading<std::vector<LoadedJob>> jobs = read_directories(texts.directories);
    reading.diagnostics = std::move(jobs.diagnostics);
    for (const LoadedJob& job : jobs.value)
        take_job(job, texts, reading);
    std::stable_sort(reading.diagnostics.begin(), reading.diagnostics.end(),
                     [](const Diagnostic& a, const Diagnostic& b) {
                         return std::tie(a.file, a.line, a.column) <
                                std::tie(b.file, b.line, b.column);
                     });
    return reading;
}

}  // namespace reeve::formats::upstart
