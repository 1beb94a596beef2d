// Typed reading of JavaScript arguments. Every reader names the argument it refuses; nothing touches memory before all of a
// call's arguments have passed.
#pragma once
#include <node_api.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <stdexcept>
#include <string>

namespace dsc {

struct ArgumentError : std::runtime_error {
  bool range;
  ArgumentError(bool isRange, const std::string& message) : std::runtime_error(message), range(isRange) {}
};
// A JavaScript exception is already pending.
struct PendingError {};

template <class T>
struct Array {
  T* data;
  int64_t length;
};

// a * b * ..., or -1 when it passes 2^53.
inline int64_t product(std::initializer_list<int64_t> factors) {
  int64_t result = 1;
  for (const int64_t f : factors) {
    if (__builtin_mul_overflow(result, f, &result) || result > int64_t{1} << 53) return -1;
  }
  return result;
}

class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info, const char* function, size_t expected)
      : env_(env), function_(function) {
    size_t count = kMost;
    check(napi_get_cb_info(env, info, &count, values_, nullptr, nullptr));
    if (count != expected) {
      fail(false, "takes " + std::to_string(expected) + " arguments, got " + std::to_string(count));
    }
  }

  // A whole number in [low, high].
  int64_t integer(const char* name, int64_t low, int64_t high) {
    const double value = number(name);
    if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high)) || value != std::floor(value)) {
      fail(true, std::string(name) + " must be a whole number from " + std::to_string(low) + " to " +
                     std::to_string(high) + ", got " + text(value));
    }
    return static_cast<int64_t>(value);
  }
  int64_t size(const char* name) { return integer(name, 0, INT32_MAX); }

  // A finite number in [low, high), or [low, infinity) without `high`.
  double real(const char* name, double low, double high = HUGE_VAL) {
    const double value = number(name);
    if (!(value >= low && value < high)) {
      fail(true, std::string(name) + " must be from " + text(low) + (high == HUGE_VAL ? "" : " to below " + text(high)) +
                     ", got " + text(value));
    }
    return value;
  }

  double number(const char* name) {
    double value = 0;
    if (napi_get_value_double(env_, next(), &value) != napi_ok) fail(false, std::string(name) + " must be a number");
    return value;
  }

  bool boolean(const char* name) {
    bool value = false;
    if (napi_get_value_bool(env_, next(), &value) != napi_ok) fail(false, std::string(name) + " must be a boolean");
    return value;
  }

  std::string string(const char* name) {
    char buffer[32];
    size_t length = 0;
    if (napi_get_value_string_utf8(env_, next(), buffer, sizeof buffer, &length) != napi_ok) {
      fail(false, std::string(name) + " must be a string");
    }
    return std::string(buffer, length);
  }

  Array<float> floats(const char* name, int64_t expected = -2) {
    return array<float>(next(), name, napi_float32_array, "Float32Array", expected);
  }
  Array<int32_t> ints(const char* name, int64_t expected = -2) {
    return array<int32_t>(next(), name, napi_int32_array, "Int32Array", expected);
  }

  // The elements of an array argument, read one by one by `floatsAt` and `intsAt`.
  napi_value list(const char* name, uint32_t& length) {
    const napi_value value = next();
    bool is = false;
    check(napi_is_array(env_, value, &is));
    if (!is) fail(false, std::string(name) + " must be an array");
    check(napi_get_array_length(env_, value, &length));
    return value;
  }
  Array<float> floatsAt(napi_value list, const char* name, uint32_t i, int64_t expected = -2) {
    return array<float>(element(list, i), label(name, i).c_str(), napi_float32_array, "Float32Array", expected);
  }
  Array<int32_t> intsAt(napi_value list, const char* name, uint32_t i, int64_t expected = -2) {
    return array<int32_t>(element(list, i), label(name, i).c_str(), napi_int32_array, "Int32Array", expected);
  }

  [[noreturn]] void fail(bool range, const std::string& message) const {
    throw ArgumentError(range, std::string(function_) + ": " + message);
  }
  void check(napi_status status) const {
    if (status == napi_ok) return;
    bool pending = false;
    napi_is_exception_pending(env_, &pending);
    if (pending) throw PendingError();
    throw std::runtime_error(std::string(function_) + ": Node-API call failed");
  }
  napi_env env() const { return env_; }

 private:
  static constexpr size_t kMost = 16;

  napi_value next() { return values_[at_++]; }
  napi_value element(napi_value list, uint32_t i) const {
    napi_value value;
    check(napi_get_element(env_, list, i, &value));
    return value;
  }
  static std::string label(const char* name, uint32_t i) {
    return std::string(name) + "[" + std::to_string(i) + "]";
  }
  static std::string text(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%g", value);
    return buffer;
  }

  // `expected` elements; -2: any number; -1: a product too large to exist.
  template <class T>
  Array<T> array(napi_value value, const char* name, napi_typedarray_type type, const char* typeName,
                 int64_t expected) const {
    bool is = false;
    check(napi_is_typedarray(env_, value, &is));
    napi_typedarray_type actual = napi_int8_array;
    size_t length = 0, offset = 0;
    void* data = nullptr;
    napi_value buffer = nullptr;
    if (is) check(napi_get_typedarray_info(env_, value, &actual, &length, &data, &buffer, &offset));
    if (!is || actual != type) fail(false, std::string(name) + " must be a " + typeName);
    check(napi_is_arraybuffer(env_, buffer, &is));  // false for memory shared between threads
    if (!is) fail(false, std::string(name) + " must not lie in shared memory");
    if (expected != -2 && static_cast<int64_t>(length) != expected) {
      fail(true, std::string(name) + " must have " + (expected < 0 ? "fewer than 2^53" : std::to_string(expected)) +
                     " elements, has " + std::to_string(length));
    }
    static T nothing[1];  // an empty array has no address, which memset and pointer arithmetic may not be given
    return {length == 0 ? nothing : static_cast<T*>(data), static_cast<int64_t>(length)};
  }

  napi_env env_;
  const char* function_;
  napi_value values_[kMost];
  size_t at_ = 0;
};

}  // namespace dsc
