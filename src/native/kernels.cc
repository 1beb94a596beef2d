// Compiled once per instruction set, with DSC_ISA, DSC_TABLE, DSC_VECTOR and DSC_TILE_ROWS set by binding.gyp.
#include "kernels.h"

#include "crf.h"
#include "decode.h"
#include "dense.h"
#include "elementwise.h"
#include "lstm.h"
#include "optimiser.h"
#include "reduce.h"
#include "rows.h"

#define DSC_STRING(x) #x
#define DSC_NAME(x) DSC_STRING(x)

namespace dsc {

const Kernels& DSC_TABLE() {
  namespace isa = DSC_ISA;
  static const Kernels table = {DSC_NAME(DSC_ISA),     isa::lstmReserve, isa::lstm,       isa::lstmGrad,
                                isa::matmul,           isa::crfNll,      isa::crfReserve, isa::crfMarginals,
                                isa::crfMarginalsGrad, isa::decode,      isa::adam,       isa::adamRows,
                                isa::sumOfSquares,     isa::columnSums,  isa::embed,      isa::sumRows,
                                isa::dropout,          isa::unary,       isa::binary,     isa::reduce,
                                isa::sumOuter,         isa::softmax};
  return table;
}

}  // namespace dsc
