#pragma once
/// Scratch memory of a solver, reserved once at initialization. Block updates take shaped views of it, so
/// that layers share buffers and step() allocates nothing.

#include <algorithm>
#include <armadillo>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

namespace admmbench {

/// Asks the kernel for huge pages where [memory, memory + bytes) covers some: a pass over 200 MB in 4 KiB pages spends a
/// sixth of its time on address translation. A wish: nothing happens where it cannot be granted. To be called before the
/// memory is first touched.
void advise_huge_pages(void* memory, std::size_t bytes);

/// A rows x columns matrix whose memory has not been touched, on huge pages if it is big.
template <class T>
arma::Mat<T> uninitialized(arma::uword rows, arma::uword columns) {
  arma::Mat<T> A(rows, columns, arma::fill::none);
  advise_huge_pages(A.memptr(), A.n_elem * sizeof(T));
  return A;
}

/// One buffer; a view is valid until the next reserve().
template <class T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&&) noexcept = default;
  Buffer& operator=(Buffer&&) noexcept = default;
  Buffer(const Buffer& other) { *this = other; }
  Buffer& operator=(const Buffer& other) {
    reserve(other.size_);
    std::copy_n(other.memory_.get(), other.size_, memory_.get());
    return *this;
  }
  ~Buffer() = default;

  /// Makes room for at least `elements`; pages are touched here, not in the first iteration.
  void reserve(arma::uword elements) {
    if (size_ >= elements) return;
    constexpr std::size_t alignment = 64;
    const std::size_t bytes = (elements * sizeof(T) + alignment - 1) / alignment * alignment;
    memory_.reset(static_cast<T*>(std::aligned_alloc(alignment, bytes)));
    if (!memory_) throw std::bad_alloc();
    size_ = elements;
    advise_huge_pages(memory_.get(), bytes);
    std::fill_n(memory_.get(), elements, T(0));
  }

  /// The first rows * columns elements as a matrix, uninitialised.
  arma::Mat<T> view(arma::uword rows, arma::uword columns) {
    if (rows * columns > size_) throw std::logic_error("Buffer: view larger than what was reserved");
    return arma::Mat<T>(memory_.get(), rows, columns, false, true);
  }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T[], Free> memory_;
  arma::uword size_ = 0;
};

}  // namespace admmbench
