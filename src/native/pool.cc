#include "pool.h"

#include <chrono>
#include <cstdlib>

#if defined(_MSC_VER)
#include <malloc.h>
#endif

namespace dsc {
namespace {

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins until `ready` or until `micros` have passed.
template <class Ready>
bool spin(int micros, Ready ready) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(micros);
  do {
    for (int i = 0; i < 16; i++) {
      if (ready()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return ready();
}

// Longer than the JavaScript between most kernels of a step: waking a sleeping thread costs some 50 microseconds.
constexpr int kSpinMicros = 200;

}  // namespace

Pool::Pool(int threads) : threads_(threads) {
  for (int i = 1; i < threads; i++) workers_.emplace_back([this, i] { work(i); });
}

Pool::~Pool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Pool::run(int count, Job job, void* arg) {
  if (count > 1) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = job;
      arg_ = arg;
      running_.store(count - 1);
      ticket_.store(((ticket_.load() >> 8) + 1) << 8 | static_cast<uint64_t>(count));
    }
    start_.notify_all();
  }
  job(arg, 0);
  if (count > 1 && !spin(kSpinMicros, [this] { return running_.load() == 0; })) {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return running_.load() == 0; });
  }
}

void Pool::work(int thread) {
  uint64_t seen = 0;
  const auto woken = [this, &seen] { return ticket_.load() != seen || stop_.load(); };
  for (;;) {
    if (!spin(kSpinMicros, woken)) {
      std::unique_lock<std::mutex> lock(mutex_);
      start_.wait(lock, woken);
    }
    if (stop_.load()) return;
    seen = ticket_.load();
    if (thread >= static_cast<int>(seen & 0xff)) continue;
    job_(arg_, thread);
    if (running_.fetch_sub(1) == 1) {
      std::lock_guard<std::mutex> lock(mutex_);
      done_.notify_one();
    }
  }
}

void Barrier::wait() {
  if (size_ == 1) return;
  const int round = round_.load();
  if (waiting_.fetch_add(1) + 1 == size_) {
    waiting_.store(0);
    round_.fetch_add(1);
    return;
  }
  const auto released = [this, round] { return round_.load() != round; };
  while (!spin(kSpinMicros, released)) std::this_thread::yield();
}

Arena::~Arena() {
  for (auto& block : blocks_) std::free(block.data);
}

void Arena::reset() {
  // A kernel that needed several blocks gets one big one the next time.
  if (blocks_.size() > 1) {
    size_t total = 0;
    for (auto& block : blocks_) {
      total += block.size;
      std::free(block.data);
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
  void* data = nullptr;
  if (posix_memalign(&data, 64, count * sizeof(float)) != 0) return nullptr;
  blocks_.push_back({static_cast<float*>(data), count, count});
  return static_cast<float*>(data);
}

}  // namespace dsc
