#include "solvers/pdadmm/layer_exchange.hpp"

namespace admmbench {

namespace {

constexpr int transfer_tag = 100;

constexpr std::size_t index_of(LayerExchange::Variable variable) {
  return static_cast<std::size_t>(variable);
}
constexpr int tag_of(LayerExchange::Variable variable) { return static_cast<int>(variable) + 1; }
/// Of who sends it to who receives it.
constexpr int direction_of(LayerExchange::Variable variable) {
  return variable == LayerExchange::Variable::p ? -1 : 1;
}

void finish_message(std::unique_ptr<Message>& message) {
  if (message) message->wait();
  message.reset();
}

}  // namespace

void LayerExchange::join(Communicator* layers) {
  finish();
  layers_ = layers != nullptr && layers->size() > 1 ? layers : nullptr;
  sent_ = 0;
}

void LayerExchange::send(Variable variable, std::span<const std::byte> bytes) {
  finish_sending(variable);
  sending_[index_of(variable)] = layers_->send(bytes, rank() + direction_of(variable), tag_of(variable));
  sent_ += static_cast<double>(bytes.size());
}

void LayerExchange::finish_sending(Variable variable) { finish_message(sending_[index_of(variable)]); }

void LayerExchange::receive(Variable variable, std::span<std::byte> bytes) {
  finish_receiving(variable);
  receiving_[index_of(variable)] = layers_->receive(bytes, rank() - direction_of(variable), tag_of(variable));
}

bool LayerExchange::arrived(Variable variable) {
  const auto& message = receiving_[index_of(variable)];
  return !message || message->test();
}

void LayerExchange::finish_receiving(Variable variable) { finish_message(receiving_[index_of(variable)]); }

void LayerExchange::progress() {
  for (Messages* messages : {&sending_, &receiving_}) {
    for (const auto& message : *messages) {
      if (message) message->test();
    }
  }
}

void LayerExchange::finish() {
  for (Messages* messages : {&sending_, &receiving_}) {
    for (auto& message : *messages) finish_message(message);
  }
}

void LayerExchange::send_now(std::span<const std::byte> bytes, int to) {
  layers_->send(bytes, to, transfer_tag)->wait();
}

void LayerExchange::receive_now(std::span<std::byte> bytes, int from) {
  layers_->receive(bytes, from, transfer_tag)->wait();
}

}  // namespace admmbench
