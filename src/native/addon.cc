// The addon's JavaScript face: checks arguments, calls the kernels of the chosen instruction set. Outputs are arrays that the
// caller made. State (threads, scratch memory, instruction set) belongs to one environment: the main thread or a worker.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "arguments.h"
#include "kernels.h"

namespace dsc {
namespace {

struct Instance {
  const Kernels* kernels = nullptr;
  std::unique_ptr<Pool> pool = std::make_unique<Pool>(1);
  Arena arena;
  Context context() { return {*pool, arena}; }
};

Instance& instance(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Instance*>(data);
}

// Turns C++ exceptions of an entry into JavaScript ones.
template <napi_value (*entry)(napi_env, napi_callback_info)>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return entry(env, info);
  } catch (const ArgumentError& error) {
    (error.range ? napi_throw_range_error : napi_throw_type_error)(env, nullptr, error.what());
  } catch (const PendingError&) {
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "ERR_OUT_OF_MEMORY", "not enough memory for the kernel's scratch space");
  } catch (const ThreadError& error) {
    napi_throw_error(env, "ERR_THREADS", error.what());
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

void orOutOfMemory(bool ok) {
  if (!ok) throw std::bad_alloc();
}

napi_value toNumber(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

// --- LSTM

// Rows of a packed batch: the sum of the sentences alive at each step.
int64_t packedRows(const Arguments& args, const Array<int32_t>& stepSizes) {
  int64_t rows = 0;
  for (int64_t t = 0; t < stepSizes.length; t++) {
    const int32_t size = stepSizes.data[t];
    if (size < 1 || (t > 0 && size > stepSizes.data[t - 1])) {
      args.fail(true, "stepSizes must be positive and descending, step " + std::to_string(t) + " is " + std::to_string(size));
    }
    rows += size;
  }
  return rows;
}

LstmShape lstmShape(Arguments& args) {
  LstmShape s = {};
  s.inputs = args.size("inputs");
  s.units = args.integer("units", 1, 65536);
  s.directions = args.integer("directions", 1, 2);
  const auto steps = args.ints("stepSizes");
  s.steps = steps.length;
  s.stepSizes = steps.data;
  s.rows = packedRows(args, steps);
  return s;
}

napi_value reserveLength(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "reserveLength", 4);
  const LstmShape s = lstmShape(args);
  return toNumber(env, static_cast<double>(instance(env).kernels->lstmReserve(s)));
}

napi_value lstm(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "lstm", 9);
  const LstmShape s = lstmShape(args);
  const int64_t H = s.units, D = s.directions;
  const Kernels& kernels = *instance(env).kernels;
  const auto x = args.floats("x", product({s.rows, s.inputs}));
  const auto w = args.floats("w", product({D, s.inputs + H, 4 * H}));
  const auto b = args.floats("b", D * 4 * H);
  const auto h = args.floats("h", product({s.rows, D, H}));
  const auto reserve = args.floats("reserve", kernels.lstmReserve(s));
  Context context = instance(env).context();
  orOutOfMemory(kernels.lstm(context, s, x.data, w.data, b.data, h.data, reserve.data));
  return nullptr;
}

napi_value lstmGrad(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "lstmGrad", 11);
  const LstmShape s = lstmShape(args);
  const int64_t H = s.units, D = s.directions;
  const Kernels& kernels = *instance(env).kernels;
  const int64_t weights = product({D, s.inputs + H, 4 * H});
  const auto x = args.floats("x", product({s.rows, s.inputs}));
  const auto w = args.floats("w", weights);
  const auto reserve = args.floats("reserve", kernels.lstmReserve(s));
  const auto dh = args.floats("dh", product({s.rows, D, H}));
  const auto dx = args.floats("dx", x.length);
  const auto dw = args.floats("dw", weights);
  const auto db = args.floats("db", D * 4 * H);
  Context context = instance(env).context();
  orOutOfMemory(kernels.lstmGrad(context, s, x.data, w.data, reserve.data, dh.data, dx.data, dw.data, db.data));
  return nullptr;
}

// --- Dense layers

napi_value matmul(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "matmul", 9);
  MatmulShape s = {};
  const int64_t batch = args.size("batch");
  s.m = args.size("m");
  s.n = args.size("n");
  s.k = args.size("k");
  s.transposeA = args.boolean("transposeA");
  s.transposeB = args.boolean("transposeB");
  const auto a = args.floats("a", product({batch, s.m, s.k}));
  const auto b = args.floats("b", product({batch, s.k, s.n}));
  const auto c = args.floats("c", product({batch, s.m, s.n}));
  Context context = instance(env).context();
  for (int64_t i = 0; i < batch; i++) {
    orOutOfMemory(instance(env).kernels->matmul(context, s, a.data + i * s.m * s.k, b.data + i * s.k * s.n,
                                                c.data + i * s.m * s.n));
  }
  return nullptr;
}

napi_value dense(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "dense", 7);
  MatmulShape s = {};
  s.m = args.size("rows");
  s.k = args.size("inputs");
  s.n = args.size("outputs");
  const auto x = args.floats("x", product({s.m, s.k}));
  const auto w = args.floats("w", product({s.k, s.n}));
  s.bias = args.floats("b", s.n).data;
  const auto y = args.floats("y", product({s.m, s.n}));
  Context context = instance(env).context();
  orOutOfMemory(instance(env).kernels->matmul(context, s, x.data, w.data, y.data));
  return nullptr;
}

napi_value denseGrad(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "denseGrad", 9);
  const int64_t rows = args.size("rows"), inputs = args.size("inputs"), outputs = args.size("outputs");
  const auto x = args.floats("x", product({rows, inputs}));
  const auto w = args.floats("w", product({inputs, outputs}));
  const auto dy = args.floats("dy", product({rows, outputs}));
  const auto dx = args.floats("dx", product({rows, inputs}));
  const auto dw = args.floats("dw", product({inputs, outputs}));
  const auto db = args.floats("db", outputs);
  const Kernels& kernels = *instance(env).kernels;
  Context context = instance(env).context();
  orOutOfMemory(kernels.matmul(context, {rows, inputs, outputs, false, true, nullptr}, dy.data, w.data, dx.data));
  orOutOfMemory(kernels.matmul(context, {inputs, outputs, rows, true, false, nullptr}, x.data, dy.data, dw.data));
  kernels.columnSums(rows, outputs, dy.data, db.data);
  return nullptr;
}

// --- CRF

CrfShape crfShape(Arguments& args) {
  const int64_t labels = args.integer("labels", 1, 65536);
  const auto steps = args.ints("stepSizes");
  return {packedRows(args, steps), steps.length, labels, steps.data};
}

CrfScores crfScores(Arguments& args, const CrfShape& s) {
  CrfScores scores = {};
  scores.emissions = args.floats("emissions", product({s.rows, s.labels})).data;
  scores.transitions = args.floats("transitions", s.labels * s.labels).data;
  scores.start = args.floats("start", s.labels).data;
  scores.end = args.floats("end", s.labels).data;
  return scores;
}

CrfGradients crfGradients(Arguments& args, const CrfShape& s) {
  CrfGradients gradients = {};
  gradients.emissions = args.floats("dEmissions", product({s.rows, s.labels})).data;
  gradients.transitions = args.floats("dTransitions", s.labels * s.labels).data;
  gradients.start = args.floats("dStart", s.labels).data;
  gradients.end = args.floats("dEnd", s.labels).data;
  return gradients;
}

// The loss; its gradients where there is room for them.
napi_value crfNll(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "crfNll", 8);
  const CrfShape s = crfShape(args);
  const CrfScores scores = crfScores(args, s);
  const auto gold = args.ints("gold", s.rows);
  const auto room = args.floats("gradients");
  for (int64_t n = 0; n < s.rows; n++) {
    if (gold.data[n] < -1 || gold.data[n] >= s.labels) {
      args.fail(true, "gold[" + std::to_string(n) + "] is " + std::to_string(gold.data[n]) + ", the labels are 0 to " +
                          std::to_string(s.labels - 1) + ", and -1");
    }
  }
  const int64_t wanted = product({s.rows + s.labels + 2, s.labels});
  if (room.length != 0 && room.length != wanted) {
    args.fail(true, "gradients must have 0 or " + std::to_string(wanted) + " elements, has " + std::to_string(room.length));
  }
  float* transitions = room.data + s.rows * s.labels;
  float* start = transitions + s.labels * s.labels;
  const CrfGradients gradients = {room.data, transitions, start, start + s.labels};
  Context context = instance(env).context();
  double loss = 0;
  orOutOfMemory(
      instance(env).kernels->crfNll(context, s, scores, gold.data, &loss, room.length > 0 ? &gradients : nullptr));
  return toNumber(env, loss);
}

napi_value crfReserveLength(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "crfReserveLength", 2);
  const CrfShape s = crfShape(args);
  return toNumber(env, static_cast<double>(instance(env).kernels->crfReserve(s)));
}

// A reserve holds doubles, or nothing.
double* crfReserve(Arguments& args, const Array<float>& reserve, int64_t expected) {
  if (reserve.length != 0 && reserve.length != expected) {
    args.fail(true, "reserve must have 0 or " + std::to_string(expected) + " elements, has " + std::to_string(reserve.length));
  }
  if (reinterpret_cast<uintptr_t>(reserve.data) % alignof(double) != 0 && reserve.length > 0) {
    args.fail(true, "reserve must begin at a multiple of 8 bytes");
  }
  return reserve.length > 0 ? reinterpret_cast<double*>(reserve.data) : nullptr;
}

napi_value crfMarginals(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "crfMarginals", 8);
  const CrfShape s = crfShape(args);
  const CrfScores scores = crfScores(args, s);
  const auto logMarginals = args.floats("logMarginals", product({s.rows, s.labels}));
  const Kernels& kernels = *instance(env).kernels;
  double* reserve = crfReserve(args, args.floats("reserve"), kernels.crfReserve(s));
  Context context = instance(env).context();
  orOutOfMemory(kernels.crfMarginals(context, s, scores, logMarginals.data, reserve));
  return nullptr;
}

napi_value crfMarginalsGrad(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "crfMarginalsGrad", 12);
  const CrfShape s = crfShape(args);
  const CrfScores scores = crfScores(args, s);
  const Kernels& kernels = *instance(env).kernels;
  double* reserve = crfReserve(args, args.floats("reserve", kernels.crfReserve(s)), kernels.crfReserve(s));
  const auto upstream = args.floats("dLogMarginals", product({s.rows, s.labels}));
  const CrfGradients gradients = crfGradients(args, s);
  Context context = instance(env).context();
  orOutOfMemory(kernels.crfMarginalsGrad(context, s, scores, reserve, upstream.data, gradients));
  return nullptr;
}

napi_value decode(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "decode", 9);
  const CrfShape s = crfShape(args);
  const CrfScores scores = crfScores(args, s);
  const int64_t outside = args.integer("outside", -1, s.labels - 1);
  const double bias = args.number("bias");
  const auto ids = args.ints("ids", s.rows);
  Context context = instance(env).context();
  orOutOfMemory(instance(env).kernels->decode(context, s, scores, outside, bias, ids.data));
  return nullptr;
}

// --- Embedding rows

void checkIds(const Arguments& args, const std::string& name, const Array<int32_t>& ids, int64_t rows) {
  for (int64_t n = 0; n < ids.length; n++) {
    if (ids.data[n] < 0 || ids.data[n] >= rows) {
      args.fail(true, name + "[" + std::to_string(n) + "] is " + std::to_string(ids.data[n]) +
                          ", the table has rows 0 to " + std::to_string(rows - 1));
    }
  }
}

// Rows of a table whose length must be a multiple of its width.
int64_t tableRows(const Arguments& args, const std::string& name, int64_t length, int64_t width) {
  if (width == 0 || length % width != 0) {
    args.fail(true, name + " has " + std::to_string(length) + " elements, which is no whole number of rows of " +
                        std::to_string(width));
  }
  return length / width;
}

napi_value embed(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "embed", 5);
  constexpr uint32_t kMost = 16;
  const int64_t rows = args.size("rows");
  uint32_t count = 0, others = 0;
  const napi_value tables = args.list("tables", count);
  const napi_value ids = args.list("ids", others);
  const auto widths = args.ints("widths", count);
  if (others != count) args.fail(true, "ids must have one element for each table");
  if (count > kMost) args.fail(true, "tables must have at most 16 elements");
  Lookup lookups[kMost];
  int64_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    const std::string index = "[" + std::to_string(i) + "]";
    const auto table = args.floatsAt(tables, "tables", i);
    const auto rowIds = args.intsAt(ids, "ids", i, rows);
    if (widths.data[i] < 1) args.fail(true, "widths" + index + " must be at least 1");
    checkIds(args, "ids" + index, rowIds, tableRows(args, "tables" + index, table.length, widths.data[i]));
    lookups[i] = {table.data, rowIds.data, widths.data[i]};
    total += widths.data[i];
  }
  const auto x = args.floats("x", product({rows, total}));
  Context context = instance(env).context();
  instance(env).kernels->embed(context, rows, count, lookups, x.data);
  return nullptr;
}

// Numbers distinct ids in the order of their first appearance; returns how many, in rows[0..]; slotOf[n] is the number of ids[n].
napi_value distinct(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "distinct", 3);
  const auto ids = args.ints("ids");
  const auto rows = args.ints("rows", ids.length);
  const auto slotOf = args.ints("slotOf", ids.length);
  Arena& arena = instance(env).arena;
  arena.reset();
  int bits = 4;
  while (int64_t{1} << bits < 2 * ids.length) bits++;
  const size_t size = size_t{1} << bits;
  auto* table = reinterpret_cast<int32_t*>(arena.floats(size));  // open addressing, -1 empty, else a slot
  orOutOfMemory(table != nullptr);
  for (size_t i = 0; i < size; i++) table[i] = -1;
  int32_t count = 0;
  for (int64_t n = 0; n < ids.length; n++) {
    size_t at = (static_cast<uint32_t>(ids.data[n]) * 0x9e3779b9u) >> (32 - bits);
    while (table[at] >= 0 && rows.data[table[at]] != ids.data[n]) at = (at + 1) & (size - 1);
    if (table[at] < 0) {
      table[at] = count;
      rows.data[count++] = ids.data[n];
    }
    slotOf.data[n] = table[at];
  }
  return toNumber(env, count);
}

napi_value sumRows(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "sumRows", 7);
  const int64_t slots = args.size("slots");
  const auto slotOf = args.ints("slotOf");
  const int64_t stride = args.size("stride");
  const int64_t from = args.integer("from", 0, stride);
  const int64_t width = args.integer("width", 0, stride - from);
  const auto grad = args.floats("grad", product({slotOf.length, stride}));
  const auto sums = args.floats("sums", product({slots, width}));
  checkIds(args, "slotOf", slotOf, slots);
  std::memset(sums.data, 0, static_cast<size_t>(sums.length) * sizeof(float));
  instance(env).kernels->sumRows(slotOf.length, slotOf.data, grad.data, stride, from, width, sums.data);
  return nullptr;
}

// --- Optimiser

AdamSettings adamSettings(Arguments& args) {
  AdamSettings s = {};
  s.rate = args.real("rate", 0);
  s.beta1 = args.real("beta1", 0, 1);
  s.beta2 = args.real("beta2", 0, 1);
  s.epsilon = args.real("epsilon", 0);
  s.step = static_cast<double>(args.integer("step", 1, int64_t{1} << 53));
  s.scale = args.number("scale");
  return s;
}

napi_value adam(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "adam", 10);
  const auto param = args.floats("param");
  const auto m = args.floats("m", param.length);
  const auto v = args.floats("v", param.length);
  const auto grad = args.floats("grad", param.length);
  const AdamSettings s = adamSettings(args);
  Context context = instance(env).context();
  instance(env).kernels->adam(context, s, param.length, param.data, m.data, v.data, grad.data);
  return nullptr;
}

napi_value adamRows(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "adamRows", 12);
  const int64_t width = args.integer("width", 1, INT32_MAX);
  const auto param = args.floats("param");
  const auto m = args.floats("m", param.length);
  const auto v = args.floats("v", param.length);
  const auto rows = args.ints("rows");
  const auto grad = args.floats("grad", product({rows.length, width}));
  const AdamSettings s = adamSettings(args);
  checkIds(args, "rows", rows, tableRows(args, "param", param.length, width));
  // Two threads must not meet on one row: distinct rows, told by a bitmap.
  Arena& arena = instance(env).arena;
  arena.reset();
  const size_t words = static_cast<size_t>(param.length / width / 32 + 1);
  auto* seen = reinterpret_cast<uint32_t*>(arena.floats(words));
  orOutOfMemory(seen != nullptr);
  std::memset(seen, 0, words * sizeof(uint32_t));
  for (int64_t i = 0; i < rows.length; i++) {
    uint32_t& word = seen[rows.data[i] / 32];
    const uint32_t bit = 1u << (rows.data[i] % 32);
    if (word & bit) args.fail(true, "rows[" + std::to_string(i) + "] repeats row " + std::to_string(rows.data[i]));
    word |= bit;
  }
  Context context = instance(env).context();
  instance(env).kernels->adamRows(context, s, rows.length, width, rows.data, param.data, m.data, v.data, grad.data);
  return nullptr;
}

napi_value globalNorm(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "globalNorm", 1);
  uint32_t count = 0;
  const napi_value tensors = args.list("tensors", count);
  Context context = instance(env).context();
  double sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    const auto x = args.floatsAt(tensors, "tensors", i);
    sum += instance(env).kernels->sumOfSquares(context, x.length, x.data);
  }
  return toNumber(env, std::sqrt(sum));
}

// --- Elementwise

napi_value dropout(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "dropout", 4);
  const auto x = args.floats("x");
  const auto y = args.floats("y", x.length);
  const double rate = args.real("rate", 0, 1);
  const int64_t seed = args.integer("seed", 0, UINT32_MAX);
  Context context = instance(env).context();
  instance(env).kernels->dropout(context, x.length, static_cast<uint32_t>(seed), rate, x.data, y.data);
  return nullptr;
}

template <Unary op>
napi_value unary(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "elementwise function", 2);
  const auto x = args.floats("x");
  const auto y = args.floats("y", x.length);
  Context context = instance(env).context();
  instance(env).kernels->unary(context, op, x.length, x.data, y.data);
  return nullptr;
}

int64_t spreadLength(Spread spread, const BinaryShape& s) {
  switch (spread) {
    case Spread::full:
      return product({s.outer, s.inner});
    case Spread::scalar:
      return 1;
    case Spread::row:
      return s.inner;
    default:
      return s.outer;
  }
}

template <Binary op>
napi_value binary(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "elementwise function", 7);
  BinaryShape s = {};
  s.outer = args.size("outer");
  s.inner = args.size("inner");
  s.a = static_cast<Spread>(args.integer("aSpread", 0, 3));
  s.b = static_cast<Spread>(args.integer("bSpread", 0, 3));
  const auto a = args.floats("a", spreadLength(s.a, s));
  const auto b = args.floats("b", spreadLength(s.b, s));
  const auto y = args.floats("y", product({s.outer, s.inner}));
  Context context = instance(env).context();
  instance(env).kernels->binary(context, op, s, a.data, b.data, y.data);
  return nullptr;
}

template <Reduction op>
napi_value reduce(napi_env env, napi_callback_info info) {
  Arguments args(env, info, op == Reduction::sum ? "sum" : "max", 4);
  const int64_t outer = args.size("outer"), inner = args.size("inner");
  const auto x = args.floats("x", product({outer, inner}));
  const auto y = args.floats("y", outer);
  instance(env).kernels->reduce(op, outer, inner, x.data, y.data);
  return nullptr;
}

napi_value sumOuter(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "sumOuter", 4);
  const int64_t outer = args.size("outer"), inner = args.size("inner");
  const auto x = args.floats("x", product({outer, inner}));
  const auto y = args.floats("y", inner);
  Arena& arena = instance(env).arena;
  arena.reset();
  auto* sums = reinterpret_cast<double*>(arena.floats(static_cast<size_t>(2 * inner)));
  orOutOfMemory(sums != nullptr);
  instance(env).kernels->sumOuter(outer, inner, x.data, sums, y.data);
  return nullptr;
}

napi_value softmax(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "softmax", 4);
  const int64_t rows = args.size("rows"), columns = args.size("columns");
  const auto x = args.floats("x", product({rows, columns}));
  const auto y = args.floats("y", x.length);
  Context context = instance(env).context();
  instance(env).kernels->softmax(context, rows, columns, x.data, y.data);
  return nullptr;
}

// --- Settings

napi_value setThreads(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "setThreads", 1);
  const int threads = static_cast<int>(args.integer("threads", 1, Pool::kMostThreads));
  auto& pool = instance(env).pool;
  if (threads == pool->threads()) return nullptr;
  pool = std::make_unique<Pool>(1);  // ends the old threads, and is what stays when the new ones cannot be started
  pool = std::make_unique<Pool>(threads);
  return nullptr;
}

napi_value mostThreads(napi_env env, napi_callback_info) { return toNumber(env, Pool::kMostThreads); }

napi_value setIsa(napi_env env, napi_callback_info info) {
  Arguments args(env, info, "setIsa", 1);
  const std::string name = args.string("isa");
  const Kernels* kernels = findKernels(name.c_str());
  if (!kernels) args.fail(true, "isa '" + name + "' is not one of this machine");
  instance(env).kernels = kernels;
  return nullptr;
}

napi_value isa(napi_env env, napi_callback_info) {
  napi_value result;
  napi_create_string_utf8(env, instance(env).kernels->name, NAPI_AUTO_LENGTH, &result);
  return result;
}

napi_value isas(napi_env env, napi_callback_info) {
  const char* names[4];
  const int count = kernelNames(names);
  napi_value result;
  napi_create_array(env, &result);
  for (int i = 0; i < count; i++) {
    napi_value name;
    napi_create_string_utf8(env, names[i], NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, result, static_cast<uint32_t>(i), name);
  }
  return result;
}

template <napi_value (*entry)(napi_env, napi_callback_info)>
void define(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, guarded<entry>, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace
}  // namespace dsc

NAPI_MODULE_INIT() {
  using namespace dsc;
  const char* forced = std::getenv("DSC_TRAIN_ISA");
  if (forced && !*forced) forced = nullptr;
  const Kernels* kernels = findKernels(forced);
  if (!kernels) {
    napi_throw_range_error(env, nullptr,
                           (std::string("DSC_TRAIN_ISA=") + forced + " is not an instruction set of this machine").c_str());
    return nullptr;
  }
  auto* data = new Instance;
  data->kernels = kernels;
  const auto release = [](napi_env, void* instance, void*) { delete static_cast<Instance*>(instance); };
  if (napi_set_instance_data(env, data, release, nullptr) != napi_ok) {
    delete data;
    return nullptr;
  }
  define<reserveLength>(env, exports, "reserveLength");
  define<lstm>(env, exports, "lstm");
  define<lstmGrad>(env, exports, "lstmGrad");
  define<matmul>(env, exports, "matmul");
  define<dense>(env, exports, "dense");
  define<denseGrad>(env, exports, "denseGrad");
  define<crfNll>(env, exports, "crfNll");
  define<crfReserveLength>(env, exports, "crfReserveLength");
  define<crfMarginals>(env, exports, "crfMarginals");
  define<crfMarginalsGrad>(env, exports, "crfMarginalsGrad");
  define<decode>(env, exports, "decode");
  define<embed>(env, exports, "embed");
  define<distinct>(env, exports, "distinct");
  define<sumRows>(env, exports, "sumRows");
  define<adam>(env, exports, "adam");
  define<adamRows>(env, exports, "adamRows");
  define<globalNorm>(env, exports, "globalNorm");
  define<dropout>(env, exports, "dropout");
  define<unary<Unary::exp>>(env, exports, "exp");
  define<unary<Unary::tanh>>(env, exports, "tanh");
  define<unary<Unary::sigmoid>>(env, exports, "sigmoid");
  define<unary<Unary::log>>(env, exports, "log");
  define<unary<Unary::negate>>(env, exports, "neg");
  define<unary<Unary::square>>(env, exports, "square");
  define<unary<Unary::root>>(env, exports, "sqrt");
  define<unary<Unary::absolute>>(env, exports, "abs");
  define<unary<Unary::step>>(env, exports, "step");
  define<binary<Binary::add>>(env, exports, "add");
  define<binary<Binary::subtract>>(env, exports, "sub");
  define<binary<Binary::multiply>>(env, exports, "mul");
  define<binary<Binary::divide>>(env, exports, "div");
  define<binary<Binary::maximum>>(env, exports, "maximum");
  define<binary<Binary::minimum>>(env, exports, "minimum");
  define<binary<Binary::power>>(env, exports, "pow");
  define<binary<Binary::squaredDifference>>(env, exports, "squaredDifference");
  define<reduce<Reduction::sum>>(env, exports, "sum");
  define<reduce<Reduction::maximum>>(env, exports, "max");
  define<sumOuter>(env, exports, "sumOuter");
  define<softmax>(env, exports, "softmax");
  define<setThreads>(env, exports, "setThreads");
  define<mostThreads>(env, exports, "mostThreads");
  define<setIsa>(env, exports, "setIsa");
  define<isa>(env, exports, "isa");
  define<isas>(env, exports, "isas");
  return exports;
}
