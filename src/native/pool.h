// A small thread pool and the scratch memory of one addon instance. Compiled once, without instruction-set flags.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace dsc {

// Runs one function on `threads` threads, the caller being thread 0. Idle workers sleep: they spin for a fifth of a millisecond
// after a job, because the next kernel often follows at once, and then wait on a condition variable.
class Pool {
 public:
  using Job = void (*)(void* arg, int thread);
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return threads_; }
  // Calls job(arg, 0..count-1), each on its own thread; count <= threads().
  void run(int count, Job job, void* arg);

 private:
  void work(int thread);
  const int threads_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::atomic<uint64_t> ticket_{0};  // job number << 8 | threads taking part
  std::atomic<int> running_{0};
  std::atomic<bool> stop_{false};
  Job job_ = nullptr;
  void* arg_ = nullptr;
};

// A meeting point of `size` threads inside one job.
class Barrier {
 public:
  void reset(int size) { size_ = size; }
  void wait();

 private:
  int size_ = 1;
  std::atomic<int> waiting_{0};
  std::atomic<int> round_{0};
};

// Bump allocator, 64-byte aligned, reset at the start of every kernel. Keeps its blocks: steady state allocates nothing.
class Arena {
 public:
  ~Arena();
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  void reset();
  // nullptr when memory is short. Contents are undefined.
  float* floats(size_t count);

 private:
  struct Block {
    float* data;
    size_t size, used;
  };
  std::vector<Block> blocks_;
};

struct Context {
  Pool& pool;
  Arena& arena;
};

}  // namespace dsc
