#pragma once
/// Something done again and again beside the work.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace admmbench {

class Heartbeat {
 public:
  Heartbeat(std::function<void()> beat, std::chrono::steady_clock::duration interval)
      : thread_([this, beat = std::move(beat), interval] {
          std::unique_lock lock(mutex_);
          while (!ended_.wait_for(lock, interval, [this] { return over_; })) beat();
        }) {}
  ~Heartbeat() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace admmbench
