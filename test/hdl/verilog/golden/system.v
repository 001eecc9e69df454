// verilator lint_off DECLFILENAME

// Two queues in a row, a multiply-accumulate unit, and a button that blinks while it is pressed.
module system (
    // Clock and reset
    input  wire               clock,
    input  wire               reset,

    // Inputs
    input  wire               push,
    input  wire        [7:0]  data,
    input  wire               pop,
    input  wire signed [7:0]  a,
    input  wire signed [7:0]  w,

    // Outputs
    output wire        [7:0]  out,
    output wire signed [19:0] total,
    output wire               pressed,

    // Pins
    inout  wire               button
);
    reg [21:0] blink          = 22'd0;
    reg        button_seen_1;
    reg        button_seen_2;

    wire       oscillator_clock;
    wire       button_pin_D_IN_0;
    wire       first_empty;
    wire [7:0] first_data_out;
    wire       second_full;

    wire push_and_not_first_empty = push && !first_empty;

    always @(posedge oscillator_clock) begin
        blink <= blink + 22'd1;
    end

    always @(posedge clock) begin
        button_seen_1 <= !button_pin_D_IN_0;
        button_seen_2 <= button_seen_1;
    end

    fifo first (
        .clock    (clock),
        .reset    (reset),
        .push     (push),
        .data_in  (data),
        .pop      (pop),
        .data_out (first_data_out),
        // verilator lint_off PINCONNECTEMPTY
        .full     (),
        .empty    (first_empty),
        .level    ()
        // verilator lint_on PINCONNECTEMPTY
    );

    fifo second (
        .clock    (clock),
        .reset    (reset),
        .push     (push_and_not_first_empty),
        .data_in  (first_data_out),
        .pop      (pop),
        .data_out (out),
        .full     (second_full),
        // verilator lint_off PINCONNECTEMPTY
        .empty    (),
        .level    ()
        // verilator lint_on PINCONNECTEMPTY
    );

    multiply_accumulate mac (
        .clock   (clock),
        .reset   (reset),
        .a       (a),
        .w       (w),
        .first   (first_empty),
        .valid   (second_full),
        .shift   (3'd2),
        .sum     (total),
        // verilator lint_off PINCONNECTEMPTY
        .rounded (),
        .scaled  (),
        .offset  ()
        // verilator lint_on PINCONNECTEMPTY
    );

    SB_HFOSC #(
        .CLKHF_DIV ("0b11")
    ) clock_source (
        .CLKHFPU (1'b1),
        .CLKHFEN (1'b1),
        .CLKHF   (oscillator_clock)
    );

    SB_IO #(
        .PIN_TYPE    (6'b101001),
        .PULLUP      (1'b0),
        .NEG_TRIGGER (1'b0),
        .IO_STANDARD ("SB_LVCMOS")
    ) button_pin (
        .LATCH_INPUT_VALUE (1'b0),
        .CLOCK_ENABLE      (1'b1),
        .OUTPUT_ENABLE     (pop),
        .D_OUT_0           (blink[21]),
        .D_OUT_1           (1'b0),
        .D_IN_0            (button_pin_D_IN_0),
        // verilator lint_off PINCONNECTEMPTY
        .D_IN_1            (),
        // verilator lint_on PINCONNECTEMPTY
        .PACKAGE_PIN       (button)
    );

    assign pressed = button_seen_2;
endmodule

// A queue of 16 bytes. What is popped appears in the cycle after.
module fifo (
    // Clock and reset
    input  wire       clock,
    input  wire       reset,

    // Inputs
    input  wire       push,
    input  wire [7:0] data_in,
    input  wire       pop,

    // Outputs
    output wire [7:0] data_out,
    output wire       full,
    output wire       empty,
    output wire [4:0] level
);
    reg [3:0] head  = 4'd0;
    reg [3:0] tail  = 4'd0;
    reg [4:0] count = 5'd0;

    reg [7:0] words [0:15];
    reg [7:0] words_data;

    wire pushes = push && !full;
    wire pops   = pop && !empty;

    always @(posedge clock) begin
        if (reset) begin
            head <= 4'd0;
        end else if (pops) begin
            head <= head + 4'd1;
        end
    end

    always @(posedge clock) begin
        if (reset) begin
            tail <= 4'd0;
        end else if (pushes) begin
            tail <= tail + 4'd1;
        end
    end

    always @(posedge clock) begin
        if (reset) begin
            count <= 5'd0;
        end else if (pushes && !pops) begin
            count <= count + 5'd1;
        end else if (pops && !pushes) begin
            count <= count - 5'd1;
        end
    end

    always @(posedge clock) begin
        if (pushes) words[tail] <= data_in;
        if (pops) words_data <= words[head];
    end

    assign data_out = words_data;
    assign full     = count == 5'd16;
    assign empty    = count == 5'd0;
    assign level    = count;
endmodule

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
