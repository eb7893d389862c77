#include "os/file_tree.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "os/fd.h"

namespace reeve::os {
namespace {

class TreeReader {
public:
    TreeReader(const std::string& top, const TreeRules& rules) : top_(top), rules_(rules) {}

    Result<Tree> read() {
        TRY(read_below("", 0));
        std::sort(tree_.files.begin(), tree_.files.end(),
                  [](const Tree::File& a, const Tree::File& b) { return a.path < b.path; });
        std::sort(tree_.directories.begin(), tree_.directories.end());
        return std::move(tree_);
    }

private:
    Result<void> read_below(const std::string& below, int depth) {
        const std::string path = top_ + (below.empty() ? "" : '/' + below);
        const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(path.c_str()), &::closedir);
        if (!open) return system_error("read the directory " + path);
        tree_.directories.push_back(path);
        while (const dirent* entry = ::readdir(open.get())) {
            const std::string name = entry->d_name;
            if (name == "." || name == "..") continue;
            TRY(take(below.empty() ? name : below + '/' + name, name, depth));
        }
        return {};
    }

    Result<void> take(const std::string& file, const std::string& name, int depth) {
        const std::string whole = top_ + '/' + file;
        if (is_directory(whole)) {
            const bool skipped = rules_.skips_directory(name) || depth >= kTreeDepthMax;
            return skipped ? Result<void>() : read_below(file, depth + 1);
        }
        if (!rules_.takes_file(name)) return {};
        if (tree_.files.size() >= kTreeFilesMax) return Error{top_ + ": more than 20,000 files"};
        Result<std::string> text = read_file(whole, rules_.bytes_max);
        // Gone since the directory was read, or a link that leads nowhere.
        if (!text && text.error().code == ENOENT) return {};
        if (!text) return text.error();
        tree_.files.push_back({file, std::move(text).value()});
        return {};
    }

    const std::string& top_;
    const TreeRules& rules_;
    Tree tree_;
};

}  // namespace

Result<Tree> read_tree(const std::string& directory, const TreeRules& rules) {
    return TreeReader(directory, rules).read();
}

bool is_directory(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace reeve::os
