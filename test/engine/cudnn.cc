// What cuDNN itself makes of one direction of an LSTM over sentences of unequal length, called as TensorFlow's CudnnRNNV3 and
// CudnnRNNBackpropV3 call it: batch-major, padded, two biases a gate, one flat buffer of weights. `cudnn.json` beside this file
// is its output; `cudnn.test.ts` reads it. No GPU is needed for that test, one is needed to make the file again:
//
//   nvcc -std=c++17 -x cu test/engine/cudnn.cc -lcudnn -o /tmp/cudnn && /tmp/cudnn > test/engine/cudnn.json
//
// The places of the weights in the flat buffer are asked of cuDNN (cudnnGetRNNWeightParams), not taken from its documents: the
// matrices are made one by one, put where cuDNN says, and the whole buffer is printed beside them.

#include <cuda_runtime.h>
#include <cudnn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

void check(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  std::fprintf(stderr, "%s: %s\n", what, cudnnGetErrorString(status));
  std::exit(1);
}
void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
  std::exit(1);
}
#define DO(call) check((call), #call)

using Floats = std::vector<float>;

/// Numbers between -1 and 1 with 12 bits, so that they are printed whole.
class Draw {
 public:
  float next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<float>(static_cast<int>(state_ >> 51) - 4096) / 4096.0f;
  }
  Floats many(size_t count) {
    Floats values(count);
    for (float& value : values) value = next();
    return values;
  }

 private:
  uint64_t state_ = 1;
};

template <typename T>
T* onGpu(const std::vector<T>& values) {
  T* place = nullptr;
  DO(cudaMalloc(&place, values.size() * sizeof(T)));
  DO(cudaMemcpy(place, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  return place;
}

/// Bytes that hold no number, so that what is never written shows.
void* poisoned(size_t bytes) {
  void* place = nullptr;
  DO(cudaMalloc(&place, bytes > 0 ? bytes : 1));
  DO(cudaMemset(place, 0xff, bytes));
  return place;
}

Floats fromGpu(const void* place, size_t count) {
  Floats values(count);
  DO(cudaMemcpy(values.data(), place, count * sizeof(float), cudaMemcpyDeviceToHost));
  return values;
}

template <typename T>
void print(const char* name, const std::vector<T>& values, const char* end) {
  std::printf("  \"%s\": [", name);
  for (size_t i = 0; i < values.size(); i++) std::printf("%s%.9g", i > 0 ? ", " : "", static_cast<double>(values[i]));
  std::printf("]%s\n", end);
}

}  // namespace

int main() {
  const int size = 3, steps = 5, inputs = 3, units = 4;  // B, T, I, H
  const std::vector<int> lengths = {5, 3, 1};
  Draw draw;

  cudnnHandle_t cudnn;
  DO(cudnnCreate(&cudnn));
  cudnnDropoutDescriptor_t dropout;
  DO(cudnnCreateDropoutDescriptor(&dropout));
  DO(cudnnSetDropoutDescriptor(dropout, cudnn, 0, nullptr, 0, 0));
  cudnnRNNDescriptor_t rnn;
  DO(cudnnCreateRNNDescriptor(&rnn));
  DO(cudnnSetRNNDescriptor_v8(rnn, CUDNN_RNN_ALGO_STANDARD, CUDNN_LSTM, CUDNN_RNN_DOUBLE_BIAS, CUDNN_UNIDIRECTIONAL,
                              CUDNN_LINEAR_INPUT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_FMA_MATH, inputs, units, units, 1,
                              dropout, CUDNN_RNN_PADDED_IO_ENABLED));

  float zero = 0;
  cudnnRNNDataDescriptor_t xDesc, yDesc;
  DO(cudnnCreateRNNDataDescriptor(&xDesc));
  DO(cudnnCreateRNNDataDescriptor(&yDesc));
  const auto layout = CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED;
  DO(cudnnSetRNNDataDescriptor(xDesc, CUDNN_DATA_FLOAT, layout, steps, size, inputs, lengths.data(), &zero));
  DO(cudnnSetRNNDataDescriptor(yDesc, CUDNN_DATA_FLOAT, layout, steps, size, units, lengths.data(), &zero));
  cudnnTensorDescriptor_t state;
  DO(cudnnCreateTensorDescriptor(&state));
  const int dims[] = {1, size, units}, strides[] = {size * units, units, 1};
  DO(cudnnSetTensorNdDescriptor(state, CUDNN_DATA_FLOAT, 3, dims, strides));

  // the weights: w (I+H, 4H) and b (4H) with the gates i f c o side by side, put where cuDNN has them
  size_t weightBytes = 0;
  DO(cudnnGetRNNWeightSpaceSize(cudnn, rnn, &weightBytes));
  const size_t gates = 4 * units, count = weightBytes / sizeof(float);
  const Floats w = draw.many((inputs + units) * gates), b = draw.many(gates);
  Floats params(count, 0);
  char* weights = static_cast<char*>(poisoned(weightBytes));
  char* dWeights = static_cast<char*>(poisoned(weightBytes));
  DO(cudaMemset(dWeights, 0, weightBytes));  // cuDNN adds to it
  std::vector<int> places;  // of each matrix and its bias, in floats: eight of each
  cudnnTensorDescriptor_t mDesc, bDesc;
  DO(cudnnCreateTensorDescriptor(&mDesc));
  DO(cudnnCreateTensorDescriptor(&bDesc));
  for (int id = 0; id < 8; id++) {
    void *mAddress, *bAddress;
    DO(cudnnGetRNNWeightParams(cudnn, rnn, 0, weightBytes, weights, id, mDesc, &mAddress, bDesc, &bAddress));
    const size_t m = (static_cast<char*>(mAddress) - weights) / sizeof(float);
    const size_t at = (static_cast<char*>(bAddress) - weights) / sizeof(float);
    places.push_back(static_cast<int>(m));
    places.push_back(static_cast<int>(at));
    const bool recurrent = id >= 4;
    const int width = recurrent ? units : inputs, first = recurrent ? inputs : 0, gate = id % 4;
    cudnnDataType_t type;
    int got = 0, mDims[3], mStrides[3];
    DO(cudnnGetTensorNdDescriptor(mDesc, 3, &type, &got, mDims, mStrides));
    if (mDims[1] != units || mDims[2] != width) {
      std::fprintf(stderr, "matrix %d is %d by %d\n", id, mDims[1], mDims[2]);
      return 1;
    }
    for (int j = 0; j < units; j++) {
      for (int i = 0; i < width; i++)
        params[m + j * width + i] = w[(first + i) * gates + gate * units + j];
      if (recurrent) params[at + j] = b[gate * units + j];
    }
  }
  DO(cudaMemcpy(weights, params.data(), weightBytes, cudaMemcpyHostToDevice));

  const Floats x = draw.many(size * steps * inputs);
  Floats dy = draw.many(size * steps * units);
  for (int s = 0; s < size; s++)
    for (int t = lengths[s]; t < steps; t++)
      for (int j = 0; j < units; j++) dy[(s * steps + t) * units + j] = 0;
  const Floats still(size * units, 0);
  float *xAt = onGpu(x), *dyAt = onGpu(dy), *stillAt = onGpu(still);
  int* lengthsAt = onGpu(lengths);
  void *y = poisoned(dy.size() * 4), *dx = poisoned(x.size() * 4);
  void *hy = poisoned(still.size() * 4), *cy = poisoned(still.size() * 4);
  void *dhx = poisoned(still.size() * 4), *dcx = poisoned(still.size() * 4);
  size_t workBytes = 0, reserveBytes = 0;
  DO(cudnnGetRNNTempSpaceSizes(cudnn, rnn, CUDNN_FWD_MODE_TRAINING, xDesc, &workBytes, &reserveBytes));
  void *work = poisoned(workBytes), *reserve = poisoned(reserveBytes);

  DO(cudnnRNNForward(cudnn, rnn, CUDNN_FWD_MODE_TRAINING, lengthsAt, xDesc, xAt, yDesc, y, state, stillAt, hy, state, stillAt,
                     cy, weightBytes, weights, workBytes, work, reserveBytes, reserve));
  DO(cudnnRNNBackwardData_v8(cudnn, rnn, lengthsAt, yDesc, y, dyAt, xDesc, dx, state, stillAt, stillAt, dhx, state, stillAt,
                             stillAt, dcx, weightBytes, weights, workBytes, work, reserveBytes, reserve));
  DO(cudnnRNNBackwardWeights_v8(cudnn, rnn, CUDNN_WGRAD_MODE_ADD, lengthsAt, xDesc, xAt, state, stillAt, yDesc, y, weightBytes,
                                dWeights, workBytes, work, reserveBytes, reserve));
  DO(cudaDeviceSynchronize());

  cudaDeviceProp device;
  DO(cudaGetDeviceProperties(&device, 0));
  std::printf("{\n  \"cudnn\": %zu,\n  \"device\": \"%s\",\n", cudnnGetVersion(), device.name);
  std::printf("  \"size\": %d, \"steps\": %d, \"inputs\": %d, \"units\": %d,\n", size, steps, inputs, units);
  print("lengths", lengths, ",");
  print("places", places, ",");
  print("w", w, ",");
  print("b", b, ",");
  print("x", x, ",");
  print("params", params, ",");
  print("dy", dy, ",");
  print("y", fromGpu(y, dy.size()), ",");
  print("lastH", fromGpu(hy, still.size()), ",");
  print("dx", fromGpu(dx, x.size()), ",");
  print("dParams", fromGpu(dWeights, count), "");
  std::printf("}\n");
  return 0;
}
