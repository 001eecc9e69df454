/** Reserved in Verilog-2005 or SystemVerilog-2017: names that all tools take are none of these. */
const KEYWORDS: ReadonlySet<string> = new Set(
  `accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before begin bind bins
  binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class clocking cmos config const
  constraint context continue cover covergroup coverpoint cross deassign default defparam design disable dist do edge else
  end endcase endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface endmodule endpackage
  endprimitive endprogram endproperty endspecify endsequence endtable endtask enum event eventually expect export extends
  extern final first_match for force foreach forever fork forkjoin function generate genvar global highz0 highz1 if iff
  ifnone ignore_bins illegal_bins implements implies import incdir include initial inout input inside instance int integer
  interconnect interface intersect join join_any join_none large let liblist library local localparam logic longint
  macromodule matches medium modport module nand negedge nettype new nexttime nmos nor noshowcancelled not notif0 notif1
  null or output package packed parameter pmos posedge primitive priority program property protected pull0 pull1 pulldown
  pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime ref reg reject_on
  release repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always s_eventually s_nexttime s_until s_until_with
  scalared sequence shortint shortreal showcancelled signed small soft solve specify specparam static string strong strong0
  strong1 struct super supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time timeprecision
  timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union unique unique0 unsigned until
  until_with untyped use uwire var vectored virtual void wait wait_order wand weak weak0 weak1 while wildcard wire with
  within wor xnor xor`.split(/\s+/),
);

/** The nearest name that Verilog takes: letters, digits and underscores, and no keyword. */
function legal(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=[0-9]|$)/, "_");
  return KEYWORDS.has(plain) ? `${plain}_` : plain;
}

/** The names of one scope: whoever asks first gets the name as it is, later ones with a number. */
export class Names {
  private readonly taken = new Set<string>();

  claim(wish: string): string {
    const plain = legal(wish);
    let name = plain;
    for (let i = 2; this.taken.has(name); i++) name = `${plain}_${i}`;
    this.taken.add(name);
    return name;
  }
}

/** The name of a constant: `loadWeights` becomes `LOAD_WEIGHTS`. */
export const constantName = (name: string): string =>
  name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
