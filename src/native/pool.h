// A small thread pool and the scratch memory of one addon instance. Compiled once, without instruction-set flags.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace dsc {

// One unit of a job: `units` independent units make a stage, stages follow each other in a chain, chains are independent.
struct Part {
  int chain, stage, unit;
};

struct JobShape {
  int chains;  // 1 or 2
  int stages;  // of each chain: one begins when all units of the one before are done
  int units;   // of each stage, at most kMostUnits
  bool wakes;  // worth waking sleeping threads for, which takes some 50 microseconds; else those still awake help
};

// How long a thread looks out for work before it sleeps. The next kernel often follows at once, so on a quiet machine looking
// out is quicker than being woken; beside other programs it takes their time, and they take the core away when it is needed.
// So a thread that lost its core looks out no more for a while, longer each time that it happens again.
class Patience {
 public:
  Patience();
  // Waits until `ready` or until patience ends; false in the latter case.
  template <class Ready>
  bool watch(bool inJob, Ready ready);

 private:
  bool lostCore(int64_t now);
  int64_t calmFrom_ = 0, backoff_, checked_ = 0;  // microseconds
  int64_t switches_;
};

// Runs jobs on `threads` threads, the caller being thread 0. Units are claimed, not dealt out: the share of a thread that comes
// late, because another program has its core, is done by those that are there. What a unit computes must not depend on who runs it.
class Pool {
 public:
  using Job = void (*)(void* arg, Part part);
  static constexpr int kMostThreads = 255, kMostUnits = 1000;

  // Throws ThreadError when the system refuses a thread; none is left running then.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return threads_; }
  void run(const JobShape& shape, Job job, void* arg);

 private:
  static constexpr int kChains = 2;
  // The next unit to claim, in one word with its stage and the number of the job; kClosed between jobs.
  struct alignas(64) Chain {
    std::atomic<uint64_t> next;
    std::atomic<int> done{0};  // units of the current stage
  };

  bool help(int thread);
  void follow(int chain, uint64_t at);
  void announce(int wanted);
  void work(int thread);
  void stop();

  const int threads_;
  Chain chains_[kChains];
  std::atomic<int> open_{0};  // chains that are not done
  std::atomic<int> stages_{0}, units_{0};
  std::atomic<uint32_t> events_{0};  // what may give a waiting thread something to do
  std::atomic<int> sleepers_{0};     // workers
  std::atomic<bool> callerSleeps_{false}, stop_{false};
  uint64_t ticket_ = 0;
  Job job_ = nullptr;
  void* arg_ = nullptr;
  Patience callersPatience_;
  std::mutex mutex_;
  std::condition_variable wake_, callerWake_;
  std::vector<std::thread> workers_;
};

// Not all threads of a pool could be started.
struct ThreadError : std::runtime_error {
  using std::runtime_error::runtime_error;
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
