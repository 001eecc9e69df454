// Counts from 0 to its limit, over and over.
module counter (
    // Clock and reset
    input  wire       clock,
    input  wire       reset,

    // Inputs
    input  wire       enable,
    input  wire [7:0] limit,

    // Outputs
    output wire [7:0] count,
    output wire       wraps
);
    reg [7:0] value = 8'd0;

    always @(posedge clock) begin
        if (reset) begin
            value <= 8'd0;
        end else if (enable) begin
            value <= value == limit ? value - limit : value + 8'd1;
        end
    end

    assign count = value;
    assign wraps = enable && value == limit;
endmodule
