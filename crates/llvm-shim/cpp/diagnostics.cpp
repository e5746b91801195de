// Hands diagnostics to Rust.

#include "boundary.h"

#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

using namespace llvm;

static_assert(int(DS_Error) == IRAD_SEVERITY_ERROR && int(DS_Warning) == IRAD_SEVERITY_WARNING &&
              int(DS_Remark) == IRAD_SEVERITY_REMARK && int(DS_Note) == IRAD_SEVERITY_NOTE);

namespace {
class Handler final : public DiagnosticHandler {
  IradOnDiagnostic on_diagnostic;
  void *data;

public:
  Handler(IradOnDiagnostic on_diagnostic, void *data)
      : on_diagnostic(on_diagnostic), data(data) {}
  // Enzyme says its remarks under this name; LLVM's own would be thousands.
  bool isPassedOptRemarkEnabled(StringRef pass) const override {
    return pass == "enzyme" || DiagnosticHandler::isPassedOptRemarkEnabled(pass);
  }
  bool isMissedOptRemarkEnabled(StringRef pass) const override {
    return pass == "enzyme" || DiagnosticHandler::isMissedOptRemarkEnabled(pass);
  }
  bool isAnalysisRemarkEnabled(StringRef pass) const override {
    return pass == "enzyme" || DiagnosticHandler::isAnalysisRemarkEnabled(pass);
  }
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    std::string message, position, function, name;
    if (const auto *remark = dyn_cast<DiagnosticInfoOptimizationBase>(&info)) {
      message = remark->getMsg();
      function = remark->getFunction().getName().str();
      name = remark->getRemarkName().str();
      if (remark->isLocationAvailable())
        position = remark->getLocationStr();
    } else {
      raw_string_ostream stream(message);
      DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
      // Enzyme's warnings and failures are of this kind.
      if (const auto *located = dyn_cast<DiagnosticInfoUnsupported>(&info)) {
        function = located->getFunction().getName().str();
        if (located->isLocationAvailable())
          position = located->getLocationStr();
      }
    }
    IradDiagnostic diagnostic{info.getSeverity(), message.c_str(), position.c_str(),
                              function.c_str(), name.c_str()};
    on_diagnostic(data, &diagnostic);
    return true;
  }
};
} // namespace

void irad_handle_diagnostics(LLVMContextRef context, IradOnDiagnostic on_diagnostic, void *data) {
  unwrap(context)->setDiagnosticHandler(std::make_unique<Handler>(on_diagnostic, data),
                                        /*RespectFilters=*/true);
}
