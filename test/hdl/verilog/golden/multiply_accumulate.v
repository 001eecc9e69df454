module multiply_accumulate (
    // Clock and reset
    input  wire               clock,
    input  wire               reset,

    // Inputs
    input  wire signed [7:0]  a,
    input  wire signed [7:0]  w,
    input  wire               first,
    input  wire               valid,
    input  wire        [2:0]  shift,

    // Outputs
    output wire signed [19:0] sum,
    output wire signed [7:0]  rounded,
    output wire signed [19:0] scaled,
    output wire signed [20:0] offset
);
    reg signed [15:0] product;
    reg               first_of_sum;
    reg               product_valid;
    reg signed [19:0] accumulator;

    wire signed [15:0] a_times_w          = a * w;
    // verilator lint_off UNUSED
    wire signed [20:0] accumulator_plus_8 = accumulator + 21'sd8;
    // verilator lint_on UNUSED
    wire        [9:0]  rounded_bits       = accumulator_plus_8[20:11];

    always @(posedge clock) begin
        product <= a_times_w;
        first_of_sum <= first;
    end

    always @(posedge clock) begin
        if (reset) begin
            product_valid <= 1'b0;
        end else begin
            product_valid <= valid;
        end
    end

    always @(posedge clock) begin
        if (reset) begin
            accumulator <= 20'sd0;
        end else if (product_valid) begin
            accumulator <=
                first_of_sum ? {{4{product[15]}}, product} :
                               accumulator + {{4{product[15]}}, product};
        end
    end

    assign sum = accumulator;
    assign rounded =
        (&rounded_bits) || rounded_bits == 10'd0 ? accumulator_plus_8[11:4] :
        accumulator_plus_8[20]                   ? -8'sd128                 :
                                                   8'sd127;
    assign scaled = accumulator >>> shift;
    assign offset = accumulator + $signed({{5{a_times_w[15]}}, a_times_w})
        - $signed({{13{a[7]}}, a});
endmodule
