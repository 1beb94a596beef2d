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

// Whether a thread gets the core when it wants it: while it works or looks out for work. Beside other programs it does not, and
// time that it spends looking out is taken from them and, in the end, from itself.
class Share {
 public:
  Share();
  // Tells of time spent asleep, and looks again every ten milliseconds of wanting. True when a quarter was lost.
  bool crowded(int64_t now, int64_t slept);

 private:
  int64_t wall_, processor_, slept_ = 0;  // microseconds, at the last look; since then
  bool crowded_ = false;
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
  template <class Ready>
  bool watch(int64_t patience, Ready ready) const;

  const int threads_;
  Chain chains_[kChains];
  std::atomic<int> open_{0};  // chains that are not done
  std::atomic<int> stages_{0}, units_{0};
  std::atomic<uint32_t> events_{0};  // what may give a waiting thread something to do
  std::atomic<int> sleepers_{0};     // workers
  std::atomic<int> crowded_{0};      // workers that do not get their core
  std::atomic<bool> callerSleeps_{false}, stop_{false};
  uint64_t ticket_ = 0;
  Job job_ = nullptr;
  void* arg_ = nullptr;
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
