// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cuda/plugin.h"

#include <string>

#include <dlfcn.h>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/base/utf8.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPluginName = "libmoescope_cuda.so";

GpuPlugin& pluginState()
{
    static GpuPlugin plugin;
    return plugin;
}

std::string loaderError()
{
    const char* error = ::dlerror();
    return error != nullptr ? printable(error) : "unknown cause";
}

/// Beside the program (build tree) or in ../lib (installed tree); empty when this build has none.
fs::path findPlugin()
{
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    for (const fs::path& folder : {program.parent_path(), program.parent_path() / ".." / "lib"}) {
        if (!error && fs::is_regular_file(folder / kPluginName, error))
            return folder / kPluginName;
        error.clear();
    }
    return {};
}

}  // namespace

const GpuPlugin& gpuPlugin() { return pluginState(); }

const GpuPlugin& loadGpuPlugin(const fs::path& file)
{
    GpuPlugin& plugin = pluginState();
    if (plugin.loaded)
        return plugin;
    // Local: the kernels register themselves with the dispatcher, no symbol of the plug-in is needed by name elsewhere.
    // It is never closed: what it registered would point into nothing.
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        plugin.problem = "the GPU plug-in " + shownPath(file) + " cannot be loaded: " + loaderError();
        return plugin;
    }
    using CountDevices = int (*)();
    const auto countDevices = reinterpret_cast<CountDevices>(::dlsym(library, "moescopeCudaDevices"));
    const auto makeNccl = reinterpret_cast<decltype(plugin.makeNccl)>(::dlsym(library, "moescopeMakeNccl"));
    if (countDevices == nullptr || makeNccl == nullptr) {
        plugin.problem = "the GPU plug-in " + shownPath(file) + " belongs to another version of this program";
        return plugin;
    }
    plugin.loaded = true;
    plugin.numDevices = countDevices();
    plugin.problem = plugin.numDevices > 0 ? "" : "the GPU plug-in is loaded, but the driver shows no device";
    plugin.makeNccl = makeNccl;
    return plugin;
}

const GpuPlugin& loadGpuPlugin()
{
    GpuPlugin& plugin = pluginState();
    void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (driver == nullptr) {
        plugin.problem = "there is no NVIDIA driver (" + loaderError() + ")";
        return plugin;
    }
    const fs::path file = findPlugin();
    if (file.empty()) {
        plugin.problem = std::string(kPluginName) + " is not part of this build; it needs nvcc 13 or newer";
        return plugin;
    }
    return loadGpuPlugin(file);
}

}  // namespace moescope
