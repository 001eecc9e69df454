// Sends a byte, highest bit first.
module spi_transmitter (
    // Clock and reset
    input  wire       clock,
    input  wire       reset,

    // Inputs
    input  wire       start,
    input  wire [7:0] data,
    input  wire [3:0] divide,

    // Outputs
    output wire       busy,
    output wire       chip_select,
    output wire       serial_clock,
    output wire       serial_data,
    output reg  [1:0] progress
);
    localparam [1:0] STATE_IDLE     = 2'd0;
    localparam [1:0] STATE_LOAD     = 2'd1;
    localparam [1:0] STATE_SHIFT    = 2'd2;
    localparam [1:0] STATE_LAST_BIT = 2'd3;

    reg [1:0] state  = STATE_IDLE;
    reg [7:0] bits;
    reg [2:0] left;
    reg [3:0] timer;

    always @(posedge clock) begin
        if (reset) begin
            state <= STATE_IDLE;
            left <= 3'd0;
            timer <= 4'd0;
        end else begin
            case (state)
                STATE_IDLE: if (start) state <= STATE_LOAD;
                STATE_LOAD: begin
                    state <= STATE_SHIFT;
                    left <= 3'd7;
                    timer <= 4'd0;
                end
                STATE_SHIFT: begin
                    if (timer == divide) begin
                        left <= left - 3'd1;
                        timer <= 4'd0;
                        if (left == 3'd0) state <= STATE_LAST_BIT;
                    end else begin
                        timer <= timer + 4'd1;
                    end
                end
                STATE_LAST_BIT: state <= STATE_IDLE;
            endcase
        end
    end

    always @(posedge clock) begin
        case (state)
            STATE_IDLE: if (start) bits <= data;
            STATE_SHIFT: if (timer == divide) bits <= {bits[6:0], bits[7]};
            default: ;
        endcase
    end

    always @* begin
        case (state)
            STATE_IDLE:  progress = divide[1:0];
            STATE_LOAD:  progress = left[2:1];
            STATE_SHIFT: progress = timer[1:0];
            default:     progress = left[1:0];
        endcase
    end

    assign busy         = state != STATE_IDLE;
    assign chip_select  = state != STATE_SHIFT;
    assign serial_clock = state == STATE_SHIFT && timer[3];
    assign serial_data  = bits[7];
endmodule
