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
