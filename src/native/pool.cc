#include "pool.h"

#include <chrono>
#include <ctime>
#include <new>
#include <string>
#include <system_error>

namespace dsc {
namespace {

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// How long a thread looks out before it sleeps. Longer than the JavaScript between most kernels of a step: the next one often
// follows at once, and waking a sleeping thread costs some 50 microseconds.
constexpr int64_t kIdleMicros = 200;
// The same beside other programs: not at all between jobs, and within one as long as others may be about to be done.
constexpr int64_t kCrowdedMicros = 0, kCrowdedJobMicros = 10;
constexpr int64_t kLookMicros = 10000;

int64_t microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Time that this thread had a core, or all time where the system does not say.
int64_t processorMicros() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
  struct timespec time;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0) return time.tv_sec * int64_t{1000000} + time.tv_nsec / 1000;
#endif
  return microseconds();
}

// A claim word: job number << 40 | stage << 10 | unit.
constexpr int kUnitBits = 10, kStageBits = 30;
constexpr uint64_t kClosed = (uint64_t{1} << kUnitBits) - 1;  // a unit that no stage has
static_assert(Pool::kMostUnits < static_cast<int>(kClosed), "");

inline int unitOf(uint64_t word) { return static_cast<int>(word & kClosed); }
inline int stageOf(uint64_t word) { return static_cast<int>(word >> kUnitBits & ((uint64_t{1} << kStageBits) - 1)); }

}  // namespace

Share::Share() : wall_(microseconds()), processor_(processorMicros()) {}

bool Share::crowded(int64_t now, int64_t slept) {
  slept_ += slept;
  const int64_t wanted = now - wall_ - slept_;
  if (wanted < kLookMicros) return crowded_;
  const int64_t processor = processorMicros();
  crowded_ = 4 * (wanted - (processor - processor_)) > wanted;
  wall_ = now;
  processor_ = processor;
  slept_ = 0;
  return crowded_;
}

// Waits until `ready` or until patience ends; false in the latter case.
template <class Ready>
bool Pool::watch(int64_t patience, Ready ready) const {
  const int64_t end = microseconds() + patience;
  do {
    for (int i = 0; i < 16; i++) {
      if (ready()) return true;
      pause();
    }
  } while (microseconds() < end);
  return ready();
}

Pool::Pool(int threads) : threads_(threads) {
  for (auto& chain : chains_) chain.next.store(kClosed);
  workers_.reserve(static_cast<size_t>(threads));
  for (int i = 1; i < threads; i++) {
    try {
      workers_.emplace_back([this, i] { work(i); });
    } catch (const std::system_error& error) {
      stop();
      throw ThreadError("the system lets this process start " + std::to_string(i) + " of " + std::to_string(threads) +
                        " threads (" + error.code().message() + ")");
    }
  }
}

Pool::~Pool() { stop(); }

void Pool::stop() {
  stop_.store(true);
  announce(threads_);
  for (auto& worker : workers_) worker.join();
}

// Lets waiting threads look again: those awake, the caller, and up to `wanted` sleeping workers. The counter goes first and is
// looked at last before a thread sleeps, so either that thread sees it, or it is seen sleeping here.
void Pool::announce(int wanted) {
  events_.fetch_add(1);
  const int asleep = sleepers_.load();
  const bool caller = callerSleeps_.load();
  if ((asleep == 0 || wanted == 0) && !caller) return;
  { std::lock_guard<std::mutex> lock(mutex_); }  // whoever counts as asleep now is
  if (caller) callerWake_.notify_one();
  if (wanted >= asleep) {
    wake_.notify_all();
  } else {
    for (int i = 0; i < wanted; i++) wake_.notify_one();
  }
}

void Pool::run(const JobShape& shape, Job job, void* arg) {
  if (threads_ == 1 || shape.chains * shape.units == 1) {
    for (int chain = 0; chain < shape.chains; chain++) {
      for (int stage = 0; stage < shape.stages; stage++) {
        for (int unit = 0; unit < shape.units; unit++) job(arg, {chain, stage, unit});
      }
    }
    return;
  }
  job_ = job;
  arg_ = arg;
  stages_.store(shape.stages, std::memory_order_relaxed);
  units_.store(shape.units, std::memory_order_relaxed);
  open_.store(shape.chains);
  ticket_++;
  for (int chain = 0; chain < shape.chains; chain++) {
    chains_[chain].next.store(ticket_ << (kUnitBits + kStageBits), std::memory_order_release);
  }
  announce(shape.wakes ? shape.chains * shape.units - 1 : 0);
  for (;;) {
    const uint32_t seen = events_.load();
    help(0);
    if (open_.load(std::memory_order_acquire) == 0) return;
    const auto changed = [this, seen] { return events_.load() != seen; };
    if (watch(crowded_.load(std::memory_order_relaxed) > 0 ? kCrowdedJobMicros : kIdleMicros, changed)) continue;
    std::unique_lock<std::mutex> lock(mutex_);
    callerSleeps_.store(true);
    callerWake_.wait(lock, changed);
    callerSleeps_.store(false);
  }
}

// Claims and runs units as long as there are any; false when there was none. A thread prefers the chain that it had before.
bool Pool::help(int thread) {
  bool helped = false;
  for (int i = 0; i < kChains;) {
    const int chain = (thread + i) % kChains;
    uint64_t next = chains_[chain].next.load(std::memory_order_acquire);
    // The word holds the job's number, so that a claim on a job that is over fails, whatever units_ says by then.
    if (unitOf(next) >= units_.load(std::memory_order_relaxed)) {
      i++;
    } else if (chains_[chain].next.compare_exchange_weak(next, next + 1, std::memory_order_acq_rel)) {
      follow(chain, next);
      helped = true;
      i = 0;
    }
  }
  return helped;
}

// Runs a claimed unit; who finishes a stage opens the next one and takes its first unit.
void Pool::follow(int chain, uint64_t at) {
  Chain& own = chains_[chain];
  const int units = units_.load(std::memory_order_relaxed), stages = stages_.load(std::memory_order_relaxed);
  for (;;) {
    job_(arg_, {chain, stageOf(at), unitOf(at)});
    if (own.done.fetch_add(1, std::memory_order_acq_rel) + 1 < units) return;
    own.done.store(0, std::memory_order_relaxed);
    at = (at >> kUnitBits << kUnitBits) + (uint64_t{1} << kUnitBits);
    if (stageOf(at) == stages) {
      own.next.store(kClosed, std::memory_order_release);
      if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1) announce(0);  // from here on the caller may start another job
      return;
    }
    own.next.store(at + 1, std::memory_order_release);
    if (units > 1) announce(units - 1);
  }
}

void Pool::work(int thread) {
  Share share;
  bool crowded = false;
  int64_t slept = 0;
  for (;;) {
    const uint32_t seen = events_.load();
    if (stop_.load()) return;
    if (help(thread)) continue;
    const bool before = crowded;
    crowded = share.crowded(microseconds(), slept);
    slept = 0;
    if (crowded != before) crowded_.fetch_add(crowded ? 1 : -1);
    const auto changed = [this, seen] { return events_.load() != seen; };
    const bool inJob = open_.load(std::memory_order_relaxed) > 0;
    if (watch(!crowded ? kIdleMicros : inJob ? kCrowdedJobMicros : kCrowdedMicros, changed)) continue;
    const int64_t from = microseconds();
    std::unique_lock<std::mutex> lock(mutex_);
    sleepers_.fetch_add(1);
    wake_.wait(lock, changed);
    sleepers_.fetch_sub(1);
    slept = microseconds() - from;
  }
}

namespace {

constexpr std::align_val_t kCacheLine{64};

void release(float* data) { ::operator delete(data, kCacheLine); }

}  // namespace

Arena::~Arena() {
  for (auto& block : blocks_) release(block.data);
}

void Arena::reset() {
  // A kernel that needed several blocks gets one big one the next time.
  if (blocks_.size() > 1) {
    size_t total = 0;
    for (auto& block : blocks_) {
      total += block.size;
      release(block.data);
    }
    blocks_.clear();
    floats(total);
  }
  for (auto& block : blocks_) block.used = 0;
}

float* Arena::floats(size_t count) {
  count = (count + 15) / 16 * 16 + 16;  // never empty; the pad keeps neighbours off one cache line
  for (auto& block : blocks_) {
    if (block.size - block.used >= count) {
      float* data = block.data + block.used;
      block.used += count;
      return data;
    }
  }
  void* data = ::operator new(count * sizeof(float), kCacheLine, std::nothrow);
  if (data == nullptr) return nullptr;
  blocks_.push_back({static_cast<float*>(data), count, count});
  return static_cast<float*>(data);
}

}  // namespace dsc
