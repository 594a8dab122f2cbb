#pragma once
/// pdADMM-G-Q: pdADMM-G whose messages between layers are quantised (Wang, Li, Chai, Wang, Cheng, Zhao, TNNLS
/// 2022, Problem 3): p_l is restricted to a level set Delta.
///
/// Only the p-step changes. Its candidate is proj_Delta(p_l - g/tau), and tau, starting from the step rule's,
/// is doubled until the majoriser holds for the candidate itself; as tau grows the candidate returns to p_l,
/// so the search ends. Since p_l is in Delta, the projection guarantees <g, D> + (tau/2)||D||^2 <= 0 for the
/// step D: the merit does not grow. Optionally q is projected too, or alone as in the released code of 2022; both are outside
/// of the theory and break Lemma 4.
///
/// What crosses an interface is an integer code per entry, of as many bits as the levels need, decoded by the receiver.

#include "solvers/pdadmm/pdadmm_g.hpp"
#include "solvers/pdadmm/quantizer.hpp"

namespace admmbench {

struct PdadmmGqParameters : PdadmmGParameters {
  enum class Quantize { p, pq, q };
  LevelSet delta;
  Quantize quantize = Quantize::p;

  void visit(ParameterVisitor& v);
};

template <class T>
class PdadmmGq : public PdadmmG<T> {
 public:
  explicit PdadmmGq(const PdadmmGqParameters& parameters)
      : PdadmmG<T>(parameters), quantizer_(parameters.delta), quantize_(parameters.quantize) {}

  ~PdadmmGq() override { this->exchange_.finish(); }  // the messages are in this object's memory
  PdadmmGq(const PdadmmGq&) = delete;
  PdadmmGq& operator=(const PdadmmGq&) = delete;

  /// Besides pdADMM's: p_moved, the share of entries of p that the last iteration changed (liveness).
  Diagnostics diagnostics() const override;
  void archive(StateArchive& archive) override {
    PdadmmG<T>::archive(archive);
    this->archive_layers(archive, moved_);
    // p and q are on their levels already: the messages are made of them.
    if (archive.restores()) project();
  }

 protected:
  void update_p(arma::uword l, std::size_t worker) override;
  void update_q(arma::uword l, const arma::Mat<T>& received_p) override;
  arma::Mat<T> received_p(arma::uword l, std::size_t worker) override;
  std::size_t p_bytes(std::size_t entries) const override;
  std::size_t q_bytes(std::size_t entries) const override;
  std::span<std::byte> p_message(arma::uword l) override;
  std::span<std::byte> q_message(arma::uword l) override;
  void q_received(arma::uword l) override;
  void project() override;
  void reserve_more() override;

 private:
  bool quantizes_p() const { return quantize_ != PdadmmGqParameters::Quantize::q; }
  bool quantizes_q() const { return quantize_ != PdadmmGqParameters::Quantize::p; }
  /// x <- levels nearest to value(i), which `message` then carries; a pass over `matrices` matrices.
  template <class Value>
  void quantize(std::size_t matrices, arma::Mat<T>& x, CodeMessage& message, const Value& value) const {
    for_code_blocks(x.n_elem, matrices * x.n_elem * sizeof(T) + message.bytes(),
                    [&](std::size_t k, std::size_t first, std::size_t last) {
                      CodeMessage::Codes codes{};
                      for (std::size_t i = first; i < last; ++i) {
                        const std::uint32_t code = quantizer_.code(value(i));
                        codes[i - first] = static_cast<std::uint16_t>(code);
                        x[i] = quantizer_.level(code);
                      }
                      message.pack(k, codes);
                    });
  }
  /// x <- nearest levels, which `message` then carries.
  void project_and_send(arma::Mat<T>& x, CodeMessage& message) const;
  /// x <- the levels that `message` carries.
  void decode(const CodeMessage& message, arma::Mat<T>& x) const;

  Quantizer<T> quantizer_;
  PdadmmGqParameters::Quantize quantize_;
  PerLayer<CodeMessage> p_messages_;   ///< p_l on its way to layer l-1, l >= 2
  PerLayer<CodeMessage> q_messages_;   ///< q_l on its way to layer l+1, l < L
  std::vector<Buffer<T>> difference_;  ///< per worker, the step D of the trial
  PerLayer<arma::uword> moved_;        ///< entries of p_l that the last iteration changed
};

}  // namespace admmbench
