# SPDX-FileCopyrightText: 2026 The Moescope developers
# SPDX-License-Identifier: Apache-2.0
# LibTorch out of an unpacked PyTorch wheel (a folder that holds torch/ and nvidia/) or a LibTorch zip (include/ and lib/).
# In:  MOESCOPE_TORCH_DIR (cache or environment), default <source>/.deps/libtorch.
# Out: LibTorch::cpu (c10, torch_cpu, c10d with Gloo) and, only where nvcc >= 13.0 and the CUDA halves of the wheel are found,
#      LibTorch_CUDA_FOUND and LibTorch::cuda. LibTorch_CUDA_MISSING says in words what is not there.
# We never call find_package(Torch): it insists on a CUDA toolkit, overwrites CMAKE_CUDA_FLAGS and links torch_cuda into everything.
set(MOESCOPE_TORCH_DIR "$ENV{MOESCOPE_TORCH_DIR}" CACHE PATH "folder that holds torch/ and nvidia/, or include/ and lib/")
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h NO_DEFAULT_PATH PATH_SUFFIXES torch/include include
  HINTS "${MOESCOPE_TORCH_DIR}" "${PROJECT_SOURCE_DIR}/.deps/libtorch")
get_filename_component(_torch "${LibTorch_INCLUDE_DIR}" DIRECTORY)
foreach(_lib c10 torch_cpu c10_cuda torch_cuda)
  find_library(LibTorch_${_lib}_LIBRARY ${_lib} HINTS "${_torch}/lib" NO_DEFAULT_PATH)
endforeach()
find_path(LibTorch_GLOO_INCLUDE_DIR gloo/rendezvous/store.h NO_DEFAULT_PATH HINTS "${CMAKE_CURRENT_LIST_DIR}/gloo_decl")
if(LibTorch_INCLUDE_DIR)
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" _version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9;]+" "" _version "${_version}")
  list(JOIN _version "." LibTorch_VERSION)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch VERSION_VAR LibTorch_VERSION
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_INCLUDE_DIR LibTorch_GLOO_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run packaging/setup, or set MOESCOPE_TORCH_DIR")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  foreach(_lib c10 torch_cpu c10_cuda torch_cuda)
    if(LibTorch_${_lib}_LIBRARY)
      add_library(LibTorch::${_lib} SHARED IMPORTED GLOBAL)  # imported: its include folders become -isystem
      set_target_properties(LibTorch::${_lib} PROPERTIES
        IMPORTED_LOCATION "${LibTorch_${_lib}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
    endif()
  endforeach()
  # The wheel brings its own libgomp; two OpenMP run times in one process would fight for the cores.
  file(GLOB _gomp "${_torch}/lib/libgomp*.so*")
  list(GET _gomp 0 _gomp)
  add_library(LibTorch::cpu INTERFACE IMPORTED GLOBAL)
  target_link_libraries(LibTorch::cpu INTERFACE LibTorch::torch_cpu LibTorch::c10 "${_gomp}")
  target_include_directories(LibTorch::cpu SYSTEM INTERFACE "${LibTorch_GLOO_INCLUDE_DIR}")
  target_compile_definitions(LibTorch::cpu INTERFACE _GLIBCXX_USE_CXX11_ABI=1 USE_DISTRIBUTED USE_C10D_GLOO)
  target_compile_options(LibTorch::cpu INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-fopenmp>")  # at::parallel_for is serial without it
  target_compile_features(LibTorch::cpu INTERFACE cxx_std_20)

  set(LibTorch_CUDA_FOUND OFF)
  find_package(CUDAToolkit 13.0 QUIET)
  set(LibTorch_CUDA_MISSING "")
  if(NOT CUDAToolkit_NVCC_EXECUTABLE)
    set(LibTorch_CUDA_MISSING "nvcc 13.0 or newer")
  elseif(NOT LibTorch_torch_cuda_LIBRARY OR NOT LibTorch_c10_cuda_LIBRARY)
    set(LibTorch_CUDA_MISSING "libtorch_cuda.so and libc10_cuda.so beside ${LibTorch_torch_cpu_LIBRARY}")
  else()
    find_path(LibTorch_NCCL_INCLUDE_DIR nccl.h HINTS "${_torch}/../nvidia/nccl/include" ${CUDAToolkit_INCLUDE_DIRS})
    if(NOT LibTorch_NCCL_INCLUDE_DIR)
      set(LibTorch_CUDA_MISSING "nccl.h")
    else()
      set(LibTorch_CUDA_FOUND ON)
      add_library(LibTorch::cuda INTERFACE IMPORTED GLOBAL)
      target_link_libraries(LibTorch::cuda INTERFACE LibTorch::torch_cuda LibTorch::c10_cuda LibTorch::cpu CUDA::cudart)
      target_include_directories(LibTorch::cuda SYSTEM INTERFACE "${LibTorch_NCCL_INCLUDE_DIR}" ${CUDAToolkit_INCLUDE_DIRS})
      target_compile_definitions(LibTorch::cuda INTERFACE USE_C10D_NCCL)
    endif()
  endif()
endif()
