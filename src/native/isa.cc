// Which kernel tables this machine can run, asked of the processor once.
#include <cstring>

#include "kernels.h"

namespace dsc {
namespace {

int tables(const Kernels* out[4]) {
  int n = 0;
#if defined(DSC_X64)
  __builtin_cpu_init();  // also checks that the system saves the wide registers
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    out[n++] = &kernelsAvx512();
  }
  if (avx2) out[n++] = &kernelsAvx2();
#endif
#if defined(DSC_ARM64)
  out[n++] = &kernelsNeon();
#endif
  out[n++] = &kernelsPlain();
  return n;
}

}  // namespace

const Kernels* findKernels(const char* name) {
  const Kernels* found[4];
  const int n = tables(found);
  if (name == nullptr) return found[0];
  for (int i = 0; i < n; i++) {
    if (std::strcmp(found[i]->name, name) == 0) return found[i];
  }
  return nullptr;
}

int kernelNames(const char* names[4]) {
  const Kernels* found[4];
  const int n = tables(found);
  for (int i = 0; i < n; i++) names[i] = found[i]->name;
  return n;
}

}  // namespace dsc
