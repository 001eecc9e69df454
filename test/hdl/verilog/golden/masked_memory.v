// 100 words of four bytes that are written one by one; beyond them it reads zero.
module masked_memory (
    // Clock
    input  wire        clock,

    // Inputs
    input  wire        write,
    input  wire [3:0]  mask,
    input  wire [6:0]  write_address,
    input  wire [31:0] data,
    input  wire        read,
    input  wire [6:0]  read_address,

    // Outputs
    output wire [31:0] word
);
    reg [31:0] words [0:99];
    reg [31:0] words_data;

    integer words_word;
    initial begin
        words[0] = 32'h01020304; words[1] = 32'hfffffff0; words[2] = 32'h00000005;
        for (words_word = 3; words_word < 100; words_word = words_word + 1)
            words[words_word] = 32'd0;
    end

    always @(posedge clock) begin
        if (write) begin
            if (mask[0]) words[write_address][7:0] <= data[7:0];
            if (mask[1]) words[write_address][15:8] <= data[15:8];
            if (mask[2]) words[write_address][23:16] <= data[23:16];
            if (mask[3]) words[write_address][31:24] <= data[31:24];
        end
        if (read) words_data <= read_address < 7'd100 ? words[read_address] : 32'd0;
    end

    assign word = words_data;
endmodule
